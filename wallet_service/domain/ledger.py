"""Which entries an action writes: pure drafts, booked by the actions in one transaction.

A credit is a lot of its own; a debit names the lots it takes from. A balance below 0 is a deficit: points
that were taken back after they had been spent. The next credits make up for it before anything else
(invariant 11), so whoever is in deficit has no lots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from wallet_service.domain import expiry, fiscal, lots
from wallet_service.domain.errors import NotEnoughPoints
from wallet_service.domain.local_days import local_day
from wallet_service.domain.lots import Lot, Take
from wallet_service.domain.program import Program, Ratio, Reward
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import Evaluation, Purchase, Step
from wallet_service.domain.rules.evaluation import reduced

OWN = 0
"""In a take: the lot of the entry itself, whose number is not known yet."""


@dataclass(frozen=True)
class Terms:
    """When the points of a credit can be spent. `slides`: until the card has been idle too long."""

    available_from: datetime
    expires_at: datetime | None = None
    slides: bool = False
    gift: bool = False


@dataclass(frozen=True)
class Draft:
    """One entry to be: signed changes, where they come from, and why.

    `reverses` is id and number of the entry that this one takes back; `carried` the fraction that the card
    keeps after it (None: as before); `total` money in minor units.
    """

    kind: Kind
    points: int
    steps: tuple[Step, ...]
    status: int = 0
    endowed: int = 0
    takes: tuple[Take, ...] = ()
    terms: Terms | None = None
    carried: Ratio | None = None
    total: int | None = None
    reward: str | None = None
    reverses: tuple[int, int] | None = None
    natural_key: str | None = None
    receipt: str | None = None
    basis: Mapping[str, Any] | None = None
    note: str | None = None
    occurred_at: datetime | None = None

    def because(self, *steps: Step) -> Draft:
        return replace(self, steps=self.steps + steps)


@dataclass(frozen=True)
class Holding:
    """What a card holds when an action begins, everything burnt already swept away.

    `balance` is the sum of its entries; `paid` tells that a purchase was paid, which frees the first gift.
    """

    balance: int = 0
    endowed: int = 0
    paid: bool = False
    carried: Ratio = (0, 1)
    lots: Sequence[Lot] = field(default=())

    def spendable(self, now: datetime) -> int:
        return lots.spendable(self.lots, now, paid=self.paid) if self.balance > 0 else 0

    @property
    def deficit(self) -> int:
        return max(-self.balance, 0)

    def after(self, draft: Draft, seq: int, known: Mapping[int, Lot]) -> Holding:
        """Once the draft is booked as number `seq`; `known` are closed lots that it may give back to."""
        return replace(
            self,
            balance=self.balance + draft.points,
            endowed=max(self.endowed + draft.endowed, 0),
            carried=draft.carried or self.carried,
            lots=_moved(self.lots, draft, seq, known),
        )


def _moved(before: Sequence[Lot], draft: Draft, seq: int, known: Mapping[int, Lot]) -> tuple[Lot, ...]:
    lots_now = {lot.seq: lot for lot in before}
    if draft.terms is not None:
        own = draft.points + sum(take.amount for take in draft.takes if take.amount < 0)
        own_terms = draft.terms
        lots_now[seq] = Lot(
            seq, own, own_terms.available_from, own_terms.expires_at, own_terms.gift, own_terms.slides
        )
    for take in draft.takes:
        lot = lots_now.get(take.lot or seq) or known[take.lot]
        lots_now[lot.seq] = replace(lot, left=lot.left - take.amount)
    return tuple(lot for lot in lots_now.values() if lot.left)


def terms(program: Program, at: datetime, *, gift: bool = False) -> Terms:
    """Of points that come by something that happened `at`."""
    slides = expiry.idle_until(program, at) is not None
    return Terms(at, expiry.expires_at(program, at), slides, gift)


def joined(program: Program, welcome: Evaluation, now: datetime) -> tuple[Draft, ...]:
    """The welcome gift, drawn as progress already made (D4), and what the rules give for joining."""
    why = tuple(step for step in welcome.steps if step.fired)
    granted = _granted(welcome, why, terms(program, now, gift=True))
    return (*_gift(program, "welcome", now), *(replace(one, endowed=one.points) for one in granted))


def earned(
    program: Program, holding: Holding, purchase: Purchase, worth: Evaluation, basis: Mapping[str, Any]
) -> tuple[Draft, ...]:
    """A purchase is always written down, even when it earns nothing: its trace says why."""
    at = purchase.occurred_at
    own = terms(program, at)
    if program.pending_days:
        own = replace(own, available_from=at + timedelta(days=program.pending_days))
    draft = Draft(
        Kind.EARN,
        worth.points,
        worth.steps,
        status=worth.status,
        terms=own,
        carried=worth.carried,
        total=purchase.total,
        natural_key=natural_key(purchase),
        receipt=purchase.receipt,
        basis=basis,
        occurred_at=at,
    )
    first = _absorbing(draft, holding.deficit)
    rest = max(holding.deficit - worth.points, 0)
    why = tuple(step for step in worth.steps if step.rule == "gift")
    return (first, *(_absorbing(gift, rest) for gift in _granted(worth, why, own)))


def natural_key(purchase: Purchase) -> str | None:
    """A receipt counts once in its store: two stores may well print the same number (S9)."""
    return None if purchase.receipt is None else receipt_key(purchase.store, purchase.receipt)


def receipt_key(store: str | None, receipt: str) -> str:
    """Where a slash stands in the store, or in a receipt without one, the length of the store tells where it
    ends: no other key begins with a slash. A fiscal receipt is one wherever it is scanned.
    """
    if fiscal.KEY.fullmatch(receipt):
        return receipt
    place = store or ""
    if "/" in (place or receipt):
        return f"/{len(place)}/{place}/{receipt}"
    return f"{place}/{receipt}" if place else receipt


def is_paid(purchase: Purchase) -> bool:
    """What frees the first gift: something was bought, and not for nothing."""
    return purchase.bought if purchase.total is None else purchase.total > 0


def redeemed(program: Program, reward: Reward, holding: Holding, now: datetime) -> tuple[Draft, ...]:
    """The reward's price, and the gift that starts the new round (D10)."""
    price = _spent(holding, reward.cost, now, Step("reward", -reward.cost, (("reward", reward.id),)))
    return (replace(price, reward=reward.id, endowed=-holding.endowed), *_gift(program, "new_round", now))


def paid_with_points(holding: Holding, points: int, money: int, now: datetime) -> tuple[Draft, ...]:
    """Points as money at the till; `money` is what they pay of the receipt."""
    return (_spent(holding, points, now, Step("paid_with", -points, (("money", money),))),)


def adjusted(
    program: Program, points: int, reason: str, holding: Holding, now: datetime
) -> tuple[Draft, ...]:
    """A correction by hand; it may take all that is there, not more."""
    step = Step("adjusted", points, (("reason", reason),))
    if points >= 0:
        draft = Draft(Kind.ADJUST, points, (step,), terms=terms(program, now), note=reason)
        return (_absorbing(draft, holding.deficit),)
    if holding.balance + points < 0:
        raise NotEnoughPoints(
            f"The card has {holding.balance}: a correction cannot take {-points}.",
            balance=holding.balance,
            missing=-points - holding.balance,
        )
    return (Draft(Kind.ADJUST, points, (step,), takes=lots.claw_back(holding.lots, -points), note=reason),)


def imported(program: Program, points: int, reference: str, now: datetime) -> tuple[Draft, ...]:
    """An opening balance, once per the shop's own name of the member (invariant 22)."""
    step = Step("imported", points)
    return (Draft(Kind.IMPORT, points, (step,), terms=terms(program, now), natural_key=reference),)


def burnt(holding: Holding, zone: str, now: datetime) -> tuple[Draft, ...]:
    """One entry for each moment at which something burnt, told as of that moment."""
    moments: dict[datetime, list[Lot]] = {}
    for lot in sorted(holding.lots, key=lambda lot: (lot.expires_at or lots.NEVER, lot.seq)):
        if lot.expires_at is not None and lot.burnt(now):
            moments.setdefault(lot.expires_at, []).append(lot)
    drafts, endowed = [], holding.endowed
    for at, gone in moments.items():
        gift = min(sum(lot.left for lot in gone if lot.gift), endowed)
        endowed -= gift
        drafts.append(_burnt(gone, gift, zone, at))
    return tuple(drafts)


def carried_after(carried: Ratio, change: Fraction) -> Ratio:
    return reduced(*(Fraction(*carried) + change).as_integer_ratio())


def _burnt(gone: Iterable[Lot], gift: int, zone: str, at: datetime) -> Draft:
    takes = tuple(Take(lot.seq, lot.left) for lot in gone)
    points = -sum(take.amount for take in takes)
    day = local_day(at - timedelta.resolution, zone).isoformat()  # they were good until that day's end
    step = Step("expired", points, (("day", day),))
    return Draft(Kind.EXPIRE, points, (step,), endowed=-gift, takes=takes, occurred_at=at)


def _spent(holding: Holding, points: int, now: datetime, step: Step) -> Draft:
    there = holding.spendable(now)
    if there < points:
        raise NotEnoughPoints(
            f"This costs {points}, the card can spend {there}: {points - there} more are needed.",
            cost=points,
            balance=there,
            missing=points - there,
        )
    takes = lots.spend(holding.lots, points, now, paid=holding.paid)
    return Draft(Kind.REDEEM, -points, (step,), takes=takes)


def _absorbing(draft: Draft, deficit: int) -> Draft:
    """A credit makes up for an earlier debt first (invariant 11)."""
    part = min(deficit, draft.points)
    if part <= 0:
        return draft
    return replace(draft, takes=(Take(OWN, part),)).because(Step("absorbed", 0, (("points", part),)))


def _granted(worth: Evaluation, why: tuple[Step, ...], own: Terms) -> tuple[Draft, ...]:
    if not worth.grants:
        return ()
    return (Draft(Kind.GRANT, worth.grants, why, terms=own),)


def _gift(program: Program, why: str, now: datetime) -> tuple[Draft, ...]:
    if not program.welcome:
        return ()
    points = program.welcome
    step = Step(why, points)
    return (Draft(Kind.GRANT, points, (step,), endowed=points, terms=terms(program, now, gift=True)),)
