"""Every call of the machine API, once: its address, who may make it, what goes in and comes out, what may go
wrong. The service is wired by this list, and the document and the documentation are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wallet_service.actions.api_keys import BOOK, MANAGE, READ
from wallet_service.api import bodies, told
from wallet_service.api.problems import BadBody, NoIdempotencyKey, NoKey
from wallet_service.domain import errors
from wallet_service.domain.errors import WalletError

Problems = tuple[type[WalletError], ...]

LATER: Problems = (errors.TooMuch, errors.Unavailable, errors.Quarantined, errors.Misconfigured)
ANY: Problems = (errors.Invalid, NoKey, errors.NotAllowed, *LATER)
WRITE: Problems = (NoIdempotencyKey, errors.Conflict, errors.KeyReused)
CARD: Problems = (
    errors.BadCardNumber,
    errors.UnknownCard,
    errors.ForeignCard,
    errors.CodeRanOut,
    errors.CardReplaced,
)
CLOSED: Problems = (errors.CardNotActive, errors.CardBlocked)
GUARD: Problems = (errors.OwnCard, errors.GuardRefused, errors.AskFirst)


@dataclass(frozen=True)
class Call:
    """`name` is the operation's id. `example` is a body that works, `query` are parameters with a meaning.
    A call with `once` is a write: it takes an idempotency key, and answers 201.
    """

    name: str
    method: str
    path: str
    scope: str
    answer: type
    title: LazyString
    text: LazyString
    body: type[bodies.Body] | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, LazyString] = field(default_factory=dict)
    once: bool = False
    tagged: bool = False
    problems: Problems = ()

    @property
    def rule(self) -> str:
        """As Flask writes it."""
        return self.path.replace("{", "<").replace("}", ">")

    @property
    def status(self) -> int:
        return 201 if self.once else 200

    @property
    def may_answer(self) -> Problems:
        """Every refusal that it has a reason for, by status."""
        found = {*ANY, *self.problems, *(WRITE if self.once else ()), *((BadBody,) if self.body else ())}
        return tuple(sorted(found, key=lambda one: (one.status, one.slug)))


NEW_CARD = Call(
    "new_card",
    "POST",
    "/programs/{program}/cards",
    BOOK,
    told.Card,
    _("A new card"),
    _("Hands out a card with its welcome gift. Give the member `links.page`, as a code or a message."),
    bodies.NewCard,
    example={
        "language": "en",
        "phone": "+7 912 345-67-89",
        "consents": [{"purpose": "news", "channel": "sms", "given": True, "text": "2026-11"}],
        "source": "till-1",
    },
    once=True,
    problems=(errors.UnknownProgram, errors.BadPhone, errors.BadEmail, errors.BadBirthday),
)
SHOW_CARD = Call(
    "show_card",
    "GET",
    "/cards/{card}",
    READ,
    told.Card,
    _("Look at a card"),
    _("Send its `ETag` as `If-None-Match` and hear 304 while nothing changed."),
    tagged=True,
    problems=CARD,
)
QUOTE = Call(
    "quote",
    "POST",
    "/cards/{card}/quotes",
    READ,
    told.Quote,
    _("What would a purchase earn?"),
    _("Books nothing. Says what it would earn and why, what it would not and why, and what points may pay."),
    bodies.Bought,
    example={"total": 25000},
    problems=(*CARD, errors.BadAmount, errors.BadTime),
)
PURCHASE = Call(
    "purchase",
    "POST",
    "/cards/{card}/purchases",
    BOOK,
    told.Booked,
    _("Book a purchase"),
    _("A receipt number counts once in its store, whatever the key. What earns nothing is booked too."),
    bodies.Bought,
    example={"total": 25000, "currency": "RUB", "receipt": "2026-11-21/0042"},
    once=True,
    problems=(*CARD, *CLOSED, *GUARD, errors.BadAmount, errors.BadTime, errors.ReceiptAlreadyBooked),
)
REDEMPTION = Call(
    "redemption",
    "POST",
    "/cards/{card}/redemptions",
    BOOK,
    told.Booked,
    _("Give a reward, or pay with points"),
    _("Either a `reward` by its id, or `points` as money for a part of the receipt's `total`."),
    bodies.Wish,
    example={"reward": "coffee"},
    once=True,
    problems=(
        *CARD,
        *CLOSED,
        *GUARD,
        errors.BadAmount,
        errors.UnknownReward,
        errors.NotEnoughPoints,
        errors.RewardNotNow,
        errors.OutOfStock,
        errors.TierNeeded,
        errors.CannotPayThat,
        errors.LiveCodeNeeded,
        errors.StepUpNeeded,
    ),
)
REFUND = Call(
    "refund",
    "POST",
    "/cards/{card}/refunds",
    BOOK,
    told.Booked,
    _("Something was brought back"),
    _("By receipt: all of it, or `total` minor units, in any number of parts."),
    bodies.Returned,
    example={"receipt": "2026-11-21/0042"},
    once=True,
    problems=(
        *CARD,
        errors.BadAmount,
        errors.UnknownReceipt,
        errors.AlreadyReversed,
        errors.RefundTooLarge,
        errors.PointsSpent,
        errors.NotEnoughPoints,
    ),
)
ADJUSTMENT = Call(
    "adjustment",
    "POST",
    "/cards/{card}/adjustments",
    MANAGE,
    told.Booked,
    _("Correct a balance"),
    _("With its reason. Above the limit of the program a second person does it in the office."),
    bodies.Correction,
    example={"points": 2, "reason": "forgotten on Friday"},
    once=True,
    problems=(*CARD, *CLOSED, errors.NotEnoughPoints, errors.SecondPersonNeeded),
)
REVERSAL = Call(
    "reversal",
    "POST",
    "/entries/{entry}/reversal",
    BOOK,
    told.Booked,
    _("Take back one press"),
    _("Takes back everything that was booked with this entry, as an entry of its own."),
    bodies.Nothing,
    once=True,
    problems=(
        errors.UnknownEntry,
        errors.UnknownCard,
        errors.AlreadyReversed,
        errors.PointsSpent,
        errors.NotEnoughPoints,
        errors.SecondPersonNeeded,
        errors.TooLateToUndo,
    ),
)
ENTRIES = Call(
    "entries",
    "GET",
    "/cards/{card}/entries",
    READ,
    told.Page,
    _("The history"),
    _("Newest first. Ask for the next page with `cursor=<next>` until it is `null`."),
    query={"limit": _("How many at once."), "cursor": _("`next` of the page before, as it is.")},
    problems=CARD,
)
CALLS = (NEW_CARD, SHOW_CARD, QUOTE, PURCHASE, REDEMPTION, REFUND, REVERSAL, ADJUSTMENT, ENTRIES)
