"""Every way the service says no, with the facts that a page or an API puts into words.

Refusal                 somebody asked for something that cannot be done (4xx)
├── Invalid             400  the request itself is off
├── NotAllowed          403  who asks is known, and may not
├── NotFound            404
├── Conflict            409  right request, wrong moment
└── TooMuch             413, 429
Unavailable             503  we cannot do it now; `retry_after` says when to ask again
Misconfigured           the operator has to act; stops a start or a command, is 503 on a request
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | None


class WalletError(Exception):
    """The root of our tree. `detail` is a whole English sentence; `facts` hold its figures."""

    slug: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, **facts: Fact) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Refusal(WalletError):
    slug, status, title = "refused", 400, "The request was refused"


class Invalid(Refusal):
    slug, status, title = "invalid", 400, "The request is not valid"


class BadCardNumber(Invalid):
    slug, title = "bad-card-number", "This is no card number"


class BadAmount(Invalid):
    slug, title = "bad-amount", "The amount is not valid"


class BadTime(Invalid):
    slug, title = "bad-time", "The time is not valid"


class BadPhone(Invalid):
    slug, title = "bad-phone", "This is no phone number"


class BadEmail(Invalid):
    slug, title = "bad-email", "This is no e-mail address"


class BadBirthday(Invalid):
    slug, title = "bad-birthday", "This is no birthday"


class NotFound(Refusal):
    slug, status, title = "not-found", 404, "Not found"


class UnknownProgram(NotFound):
    slug, title = "unknown-program", "No such program"


class UnknownCard(NotFound):
    slug, title = "unknown-card", "No such card"


class UnknownReward(NotFound):
    slug, title = "unknown-reward", "No such reward"


class UnknownEntry(NotFound):
    slug, title = "unknown-entry", "No such entry"


class UnknownReceipt(NotFound):
    slug, title = "unknown-receipt", "No such receipt"


class Conflict(Refusal):
    slug, status, title = "conflict", 409, "This cannot be done now"


class KeyReused(Conflict):
    slug, title = "key-reused", "The idempotency key was used for something else"


class ReceiptAlreadyBooked(Conflict):
    slug, title = "receipt-already-booked", "This receipt was booked before"


class NotEnoughPoints(Conflict):
    slug, title = "not-enough-points", "Not enough points"


class RewardNotNow(Conflict):
    slug, title = "reward-not-now", "This reward is not given today"


class OutOfStock(Conflict):
    slug, title = "out-of-stock", "This reward is gone"


class TierNeeded(Conflict):
    slug, title = "tier-needed", "This reward is for a higher tier"


class CannotPayThat(Conflict):
    slug, title = "cannot-pay-that", "Points cannot pay this much"


class RefundTooLarge(Conflict):
    slug, title = "refund-too-large", "More was brought back than bought"


class PointsSpent(Conflict):
    slug, title = "points-spent", "The points of this purchase are spent"


class SecondPersonNeeded(Conflict):
    slug, title = "second-person-needed", "A second person has to approve this"


class CardNotActive(Conflict):
    slug, title = "card-not-active", "This card is closed"


class CardBlocked(Conflict):
    slug, title = "card-blocked", "This card is blocked"


class CardReplaced(Conflict):
    """The number that was scanned was replaced, because somebody else may have a picture of it."""

    slug, title = "card-replaced", "This code was replaced"


class ForeignCard(NotFound):
    """A code of somebody else's, or a card of ours that does not count in this store."""

    slug, title = "foreign-card", "This card belongs somewhere else"


class OwnCard(Conflict):
    slug, title = "own-card", "Nobody serves their own card"


class AskFirst(Conflict):
    """Nothing was booked: a guard wants a person to say that it is meant. `flags` names what it saw, joined
    by spaces; the same press with `confirmed` goes through.
    """

    slug, title = "ask-first", "Somebody has to confirm this"


class GuardRefused(Conflict):
    """The program asks that what a guard sees is refused."""

    slug, title = "guard-refused", "The program does not allow this so soon"


class StepUpNeeded(Conflict):
    """So much on one card in a day needs more than a code that anybody may have photographed."""

    slug, title = "step-up-needed", "A second proof is needed"


class BadReceipt(Invalid):
    slug, title = "bad-receipt", "This is no fiscal receipt"


class ForeignReceipt(Conflict):
    slug, title = "foreign-receipt", "This receipt is from another shop"


class ChooseReceipt(Conflict):
    """Several purchases fit what was brought back."""

    slug, title = "choose-receipt", "Choose the purchase that was brought back"


class NotAllowed(Refusal):
    """Whoever asks is known, and may not do this."""

    slug, status, title = "not-allowed", 403, "This is not allowed"


class TillUnknown(NotAllowed):
    slug, title = "till-unknown", "This till is not paired"


class CodeRanOut(Conflict):
    slug, title = "code-ran-out", "This code has run out"


class LiveCodeNeeded(Conflict):
    slug, title = "live-code-needed", "The code of this moment is needed"


class AlreadyReversed(Conflict):
    slug, title = "already-reversed", "This was taken back before"


class TooLateToUndo(Conflict):
    slug, title = "too-late-to-undo", "Too late to undo"


class TooMuch(Refusal):
    slug, status, title = "too-much", 429, "Too many requests"


class Unavailable(WalletError):
    """We cannot answer now. `retry_after` is in seconds."""

    slug, status, title = "unavailable", 503, "Not available at the moment"

    def __init__(self, detail: str, *, retry_after: int = 60, **facts: Fact) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after


class Quarantined(Unavailable):
    """The database was restored or copied, and nobody has said yet that it may go on from here."""

    slug, title = "quarantined", "Nothing is booked until the restore is confirmed"


class Misconfigured(Unavailable):
    """Only the operator can mend this; `detail` names the thing and the way out."""

    slug, title = "misconfigured", "The service is not set up for this"
