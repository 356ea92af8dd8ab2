"""How far a card is on its way to the next reward."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a ledger entry is (interface: `kind`)."""

    EARN = "earn"
    GRANT = "grant"
    REDEEM = "redeem"
    REVERSE = "reverse"
    REFUND = "refund"
    EXPIRE = "expire"
    ADJUST = "adjust"
    IMPORT = "import"


UNEARNED = (Kind.GRANT, Kind.REVERSE, Kind.REFUND)
"""A gift is drawn as the endowed part and an undo as none: neither is highlighted as just gained."""


class Stage(StrEnum):
    """Where on the road the card stands; decides the sentence that it shows (loyalty texts)."""

    JOINED = "joined"
    EARLY = "early"
    LATE = "late"
    ONE_STEP = "one_step"
    READY = "ready"
    NEW_ROUND = "new_round"
    BACK = "back"


@dataclass(frozen=True)
class Standing:
    """A card's projection: the ledger folded into the few numbers that a face needs.

    `balance` can be spent, `status` counts towards tiers, `endowed` is the part of the balance that was
    given as this round's start, `gained` the last gain.
    """

    balance: int = 0
    status: int = 0
    endowed: int = 0
    gained: int = 0
    last: Kind | None = None

    def after(self, kind: Kind, points: int, *, endowed: int = 0, status: int = 0) -> Standing:
        """The standing once an entry with these signed changes is booked."""
        return Standing(
            balance=self.balance + points,
            status=self.status + status,
            endowed=self.endowed + endowed,
            gained=max(points, 0) if kind not in UNEARNED else 0,
            last=kind,
        )


@dataclass(frozen=True)
class Progress:
    """What the bar draws: `value` of `goal`, of which the first `endowed` were given and the last
    `gained` are new. All in whole points; 0 <= endowed, gained <= value; `value` may exceed `goal`.
    `cells` tells stamps (one cell each, up to twelve) from points (a plain line).
    """

    value: int
    goal: int
    endowed: int = 0
    gained: int = 0
    cells: bool = False

    @property
    def ready(self) -> bool:
        return self.value >= self.goal

    @property
    def to_go(self) -> int:
        return max(self.goal - self.value, 0)


def progress(standing: Standing, goal: int, *, cells: bool) -> Progress:
    """Never below 0 on the bar, whatever a refund did to the balance (ledger invariant 11)."""
    value = max(standing.balance, 0)
    return Progress(
        value=value,
        goal=goal,
        endowed=min(max(standing.endowed, 0), value),
        gained=min(standing.gained, value),
        cells=cells,
    )


def stage(standing: Standing, shown: Progress, usual_step: int) -> Stage:
    """The near-goal states win; going back is always told; then joined, new round, early, late."""
    if standing.last in (Kind.REVERSE, Kind.REFUND, Kind.EXPIRE):
        return Stage.BACK
    if shown.ready:
        return Stage.READY
    if standing.last is Kind.REDEEM or (standing.last is Kind.GRANT and standing.status):
        return Stage.NEW_ROUND
    if standing.last in (Kind.GRANT, None):
        return Stage.JOINED
    if shown.to_go <= usual_step:
        return Stage.ONE_STEP
    return Stage.EARLY if shown.value * 2 < shown.goal else Stage.LATE
