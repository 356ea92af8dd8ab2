"""Every kind of no of the machine API, in words: what it means, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wallet_service.api import document
from wallet_service.api.calls import CALLS
from wallet_service.api.problems import slug_of


@dataclass(frozen=True)
class Kind:
    """`title` is as the answer has it, in every language."""

    slug: str
    status: int
    title: str
    means: LazyString
    way_out: LazyString


@cache
def kinds() -> tuple[Kind, ...]:
    """By status, each once; a refusal of ours goes before what HTTP calls the same."""
    found: dict[str, Kind] = {}
    for kind in _kinds():
        found.setdefault(kind.slug, kind)
    return tuple(sorted(found.values(), key=lambda kind: (kind.status, kind.slug)))


def _kinds() -> Iterable[Kind]:
    for call in CALLS:
        for one in call.may_answer:
            yield Kind(one.slug, one.status, one.title, *TEXTS[one.slug])
        for status, slugs in document.problems_of(call).items():
            if slug_of(status) in slugs:
                phrase = HTTPStatus(status).phrase
                yield Kind(slug_of(status), status, phrase, *TEXTS[slug_of(status)])


TEXTS: Mapping[str, tuple[LazyString, LazyString]] = {
    "already-reversed": (
        _("This was taken back before; nothing changed now."),
        _("Nothing is left to do."),
    ),
    "ask-first": (
        _("A guard of the program wants a person to say that this is meant; `flags` names what it saw."),
        _("Book it at the till, where somebody confirms it."),
    ),
    "bad-amount": (
        _("The amount is none that can be booked."),
        _("Send it in minor units: 25000 is 250.00. A refund is 1 or more."),
    ),
    "bad-birthday": (_("It lies ahead, or too far back, or is no date."), _("Send it as 1990-05-31.")),
    "bad-card-number": (
        _("These are no digits of a card, or one of them is wrong."),
        _("Scan the card again, or compare every digit with it."),
    ),
    "bad-email": (_("No letter can go there."), _("Compare it letter by letter, or leave it out.")),
    "bad-phone": (
        _("No phone has this number."),
        _("Send it with its country, such as +7 912 345-67-89, or leave it out."),
    ),
    "bad-request": (
        _("The request cannot be read, or names another host than this service."),
        _("Compare the address with the one that the shop gave you."),
    ),
    "bad-time": (
        _("`occurred_at` lies ahead, or more than 72 hours back."),
        _("Set the clock of the till. What is older is corrected by a manager."),
    ),
    "cannot-pay-that": (
        _("Points do not pay this much, this little or this receipt."),
        _("`most`, `minimum` or `step` say what they pay; a quote says it beforehand in `can_pay`."),
    ),
    "card-blocked": (
        _("A manager has blocked this card for a while; its points stay."),
        _("Sell without the card, and send the member to the manager."),
    ),
    "card-not-active": (_("The member gave this card back."), _("Offer a new one.")),
    "card-replaced": (
        _("This number was replaced, because somebody else may have a picture of it."),
        _("Ask for the card to be opened again, and scan the number that it shows now."),
    ),
    "code-ran-out": (
        _("The code that turns was not the one of this moment."),
        _("Ask for the card to be opened again, and scan it."),
    ),
    "conflict": (
        _("Something changed at this moment, or does not fit what is booked already."),
        _("Look at the card, then send it again with a new key if it is still meant."),
    ),
    "foreign-card": (
        _("This is a code of somebody else's, or of a program that does not count in this store."),
        _("Ask for the right card."),
    ),
    "guard-refused": (
        _("The program refuses so many purchases, or the same again so soon."),
        _("Wait, or let a manager book it at the till."),
    ),
    "idempotency-key-missing": (
        _("A write came without `Idempotency-Key`, or with one that is empty, too long or not ASCII."),
        _("Make a new UUID for each press of a button, and send the same one when you repeat the request."),
    ),
    "internal-server-error": (
        _("It is our fault, and it is on record. Nothing was booked."),
        _("Repeat it with the same key. If it stays, tell whoever runs the service when it happened."),
    ),
    "invalid": (
        _("Something in the request does not fit; `detail` says what."),
        _("Change that and send it with a new key."),
    ),
    "invalid-body": (
        _("Fields are missing, unknown, named twice or out of bounds."),
        _("`errors` names each with what was sent and what is allowed. Nothing was booked."),
    ),
    "key-reused": (
        _("This idempotency key stood for another address or body."),
        _("Make a new key for each press of a button; repeat a request with the very same body."),
    ),
    "live-code-needed": (
        _("For a reward this card shows a code that turns."),
        _("Ask for it to be opened in Google Wallet, and send all 27 digits of its code."),
    ),
    "method-not-allowed": (
        _("This address does not take this method."),
        _("The header `Allow` names those that it takes."),
    ),
    "misconfigured": (_("The service is not set up for this."), _("Tell whoever runs it.")),
    "not-allowed": (
        _("The key is good, and not for this: another scope or another store is needed."),
        _("`scope` or `store` says which. Whoever runs the service makes keys."),
    ),
    "not-enough-points": (
        _("The card has less than this costs; `missing` says how much."),
        _("Offer another reward, or book the purchase first."),
    ),
    "not-found": (_("There is no such address."), _("Compare it with this page.")),
    "out-of-stock": (_("All of this reward were given."), _("Offer another one.")),
    "own-card": (
        _("This is the card of the person who serves."),
        _("Somebody else has to serve them."),
    ),
    "points-spent": (
        _("The points of this purchase were spent on a reward since."),
        _("Take the reward back first, or refund without the card."),
    ),
    "quarantined": (
        _("The data was restored, and nobody has opened it again yet."),
        _("Keep what you would book, and repeat it later with the same idempotency keys."),
    ),
    "receipt-already-booked": (
        _("This receipt number was booked before: for another card, otherwise, or taken back."),
        _("Compare its number and store. A receipt earns once, whatever the key."),
    ),
    "refund-too-large": (
        _("More was brought back than is left of this receipt."),
        _("`left` says how much is. Leave `total` out to take back all of it."),
    ),
    "request-entity-too-large": (_("The body is larger than 64 kB."), _("Send fewer lines at once.")),
    "reward-not-now": (
        _("This reward has days on which it is given."),
        _("`first_day` and `last_day` say which. Offer another one."),
    ),
    "second-person-needed": (
        _("This is above the limit of what one person may correct."),
        _("Two managers do it in the office, each with a PIN. No machine approves it."),
    ),
    "step-up-needed": (
        _("Above `limit` points a day for a card, a code that may be a photograph is not enough."),
        _("Send the digits of the code that turns, or let a manager give it at the till. `today` is given."),
    ),
    "tier-needed": (_("This reward is for a higher tier; `tier` says which."), _("Offer another one.")),
    "too-late-to-undo": (_("The time for this is over."), _("Correct the balance, with a reason.")),
    "too-much": (
        _(
            "More came in a minute than this key may send, or too many wrong keys, or more than three "
            "card numbers within ten minutes that nobody knows."
        ),
        _("Wait as many seconds as `Retry-After` says, then repeat with the same idempotency key."),
    ),
    "unauthorized": (
        _("There was no key, or one that is wrong, past its day or taken away."),
        _("Send `Authorization: Bearer <key>`. `flask wallet api-key create NAME` makes one."),
    ),
    "unavailable": (
        _("The service cannot answer at this moment. Nothing was booked."),
        _("Wait as long as `Retry-After` says, then repeat with the same idempotency key."),
    ),
    "unknown-card": (
        _("No card of a program that counts here has this number."),
        _("Check that it is a card of this shop."),
    ),
    "unknown-entry": (
        _("There is no such entry, or another store booked it."),
        _("Take `id` as an answer or the history gave it."),
    ),
    "unknown-program": (
        _("There is no such program, or it does not count in this store."),
        _("`flask wallet program list` names them."),
    ),
    "unknown-receipt": (
        _("This receipt was not booked for this card in this store."),
        _("Compare its number and store."),
    ),
    "unknown-reward": (
        _("The program has no such reward."),
        _("Take the id from `rewards` of the card."),
    ),
    "unsupported-media-type": (
        _("The body is not JSON."),
        _("Send it with `Content-Type: application/json`."),
    ),
}
