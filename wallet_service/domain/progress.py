"""How far a card is on its way to the next reward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low

from wallet_service.domain.program import Program
from wallet_service.domain.rule import Bands, Each, Effect, Flat, PerAmount, Trigger


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
    NEAR = "near"
    ONE_STEP = "one_step"
    REACHED = "reached"
    READY = "ready"
    NEW_ROUND = "new_round"
    BACK = "back"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CARRIED_OVER = "carried_over"


LOSSES = {Kind.REVERSE: Stage.BACK, Kind.REFUND: Stage.REFUNDED, Kind.EXPIRE: Stage.EXPIRED}


@dataclass(frozen=True)
class Standing:
    """A card's projection: the ledger folded into the few numbers that a face needs.

    `balance` is what is held now, `status` counts towards tiers, `endowed` is the part of the balance that
    was given as this round's start, `gained` the last gain.
    """

    balance: int = 0
    status: int = 0
    endowed: int = 0
    gained: int = 0
    last: Kind | None = None

    def after(self, kind: Kind, points: int, *, endowed: int = 0, status: int = 0) -> Standing:
        """The standing once an entry with these signed changes is booked.

        A gift comes with a movement, a purchase or the reward that begins a new round, and that one is told.
        """
        beside = kind is Kind.GRANT and self.last is not None
        return Standing(
            balance=self.balance + points,
            status=self.status + status,
            endowed=self.endowed + endowed,
            gained=self.gained if beside else _gained(kind, points),
            last=self.last if beside else kind,
        )


@dataclass(frozen=True)
class Progress:
    """What the bar draws: `value` of `goal`, of which the first `endowed` were given and the last
    `gained` are new. All in whole points; 0 <= endowed, gained <= value; `value` may exceed `goal`.
    `cells` tells stamps (one cell each, up to twelve) from points (a plain line); `money`: minor units.
    """

    value: int
    goal: int
    endowed: int = 0
    gained: int = 0
    cells: bool = False
    money: bool = False

    @property
    def ready(self) -> bool:
        return self.value >= self.goal

    @property
    def to_go(self) -> int:
        return max(self.goal - self.value, 0)


def progress(standing: Standing, goal: int, *, cells: bool, money: bool = False) -> Progress:
    """Never below 0 on the bar, whatever a refund did to the balance (ledger invariant 11)."""
    value = max(standing.balance, 0)
    return Progress(
        value=value,
        goal=goal,
        endowed=min(max(standing.endowed, 0), value),
        gained=min(standing.gained, value),
        cells=cells,
        money=money,
    )


def stage(standing: Standing, shown: Progress, usual_step: int, reached: bool = False) -> Stage:
    """Going back is always told (D11); then what was reached, what began, and how near the goal is.

    `reached`: the last gain made a smaller reward than the goal affordable.
    """
    if standing.last in LOSSES:
        return LOSSES[standing.last]
    if shown.ready:
        return Stage.READY
    if reached:
        return Stage.REACHED
    return _beginning(standing) or _on_the_road(shown, usual_step)


def usual_step(gains: Sequence[int], program: Program) -> int:
    """How much one usual purchase moves the bar: the middle one of the last five earnings, the oldest first;
    of a card without any, what the rules give for one visit.
    """
    earned = [points for points in gains if points > 0][-5:]
    return median_low(earned) if earned else max(_by_the_rules(program), 1)


def _gained(kind: Kind, points: int) -> int:
    return 0 if kind in UNEARNED else max(points, 0)


def _beginning(standing: Standing) -> Stage | None:
    if standing.last is Kind.REDEEM or (standing.last is Kind.GRANT and standing.status):
        return Stage.NEW_ROUND
    if standing.last in (Kind.GRANT, None):
        return Stage.JOINED
    return Stage.CARRIED_OVER if standing.last is Kind.IMPORT else None


def _on_the_road(shown: Progress, usual_step: int) -> Stage:
    """The focus switches at half way from what is done to what is left (small area)."""
    if shown.to_go <= usual_step:
        return Stage.ONE_STEP
    if shown.to_go * 5 <= shown.goal:
        return Stage.NEAR
    return Stage.EARLY if shown.value * 2 < shown.goal else Stage.LATE


def _by_the_rules(program: Program) -> int:
    """One purchase of a single item that is just large enough to count, on a day without specials."""
    effects = (
        effect
        for rule in program.rules
        if rule.trigger in (Trigger.PURCHASE, Trigger.VISIT) and not (rule.every or rule.some or rule.dry_run)
        for effect in rule.then
    )
    return sum(_given(effect, program.visit_minimum) for effect in effects)


def _given(effect: Effect, total: int) -> int:
    match effect:
        case Flat(points=give) | Each(give=give):
            return give
        case PerAmount(per=per, give=give):
            return max(total * give // per, give)
        case Bands(bands=((_, PerAmount(per=per, give=give)), *_)):
            return max(total * give // per, give)
        case _:
            return 0
