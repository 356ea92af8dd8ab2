"""How a change goes out to all cards: in steps, at a rate, not at night, halted when phones complain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wallet_service.domain.errors import Invalid

ALL = 100  # percent
LONGEST_WATCH = 7 * 24 * 60  # minutes
LARGEST_RATE = 1_000_000
FEW, MANY = 5, 5_000  # members whose phones complain: no reason to halt, and always one
BURST = timedelta(seconds=2)
"""A worker that was away catches up with so much at the most."""


@dataclass(frozen=True)
class Plan:
    """`rate` is cards a second, 0: as fast as it goes; `quiet` is "22:00-08:00" by the program's clock.
    `steps` are percents of the cards; between two of them phones are watched for `watch_minutes`.
    """

    rate: int = 0
    quiet: str | None = None
    steps: tuple[int, ...] = (ALL,)
    watch_minutes: int = 0

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip(self.steps, self.steps[1:], strict=False))
        if not self.steps or not rising or self.steps[0] < 1 or self.steps[-1] != ALL:
            raise Invalid("Steps are percents that rise to 100, such as 1,10,100.")
        if not 0 <= self.watch_minutes <= LONGEST_WATCH:
            raise Invalid(f"Phones are watched for 0 to {LONGEST_WATCH} minutes between two steps.")
        if not 0 <= self.rate <= LARGEST_RATE:
            raise Invalid(f"The rate is cards a second, from 0 to {LARGEST_RATE}; 0 is as fast as it goes.")


def step_before(steps: Sequence[int], percent: int) -> int:
    return max((step for step in steps if step < percent), default=0)


def step_after(steps: Sequence[int], percent: int) -> int | None:
    return min((step for step in steps if step > percent), default=None)


def is_quiet(quiet: str | None, now: datetime, zone: str) -> bool:
    """Whether the shop's members sleep; hours that begin in the evening go on to the morning."""
    if quiet is None:
        return False
    begin, end = _hours(quiet)
    clock = now.astimezone(ZoneInfo(zone)).time()
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def quiet_until(quiet: str, now: datetime, zone: str) -> datetime:
    """When the quiet hours end next, by the members' clock; its last hour may come twice, or not at all."""
    _, end = _hours(quiet)
    local = now.astimezone(ZoneInfo(zone))
    days = [datetime.combine(local + timedelta(days=day), end, local.tzinfo) for day in (0, 1)]
    ends = [day.replace(fold=fold).astimezone(UTC) for day in days for fold in (0, 1)]
    return min(moment for moment in ends if moment > now)


def allowed(rate: int, paid_until: datetime | None, now: datetime) -> int:
    """How many cards the time since `paid_until` is worth."""
    return int(rate * (now - _begin(paid_until, now)).total_seconds())


def paid(rate: int, paid_until: datetime | None, now: datetime, cards: int) -> datetime:
    """Until when the rate is used up, once so many more cards are marked."""
    return _begin(paid_until, now) + timedelta(seconds=cards / rate) if rate else now


def too_many(complaints: int, marked: int) -> bool:
    """More members than those whose phones always have something to complain about."""
    return complaints > max(FEW, min(marked // 100, MANY))


def _hours(quiet: str) -> tuple[time, time]:
    begin, end = (time.fromisoformat(part) for part in quiet.split("-"))
    return begin, end


def _begin(paid_until: datetime | None, now: datetime) -> datetime:
    """A moment ahead of now was written by a clock that was wrong."""
    if paid_until is None or paid_until > now + BURST:
        return now - BURST / 2
    return max(paid_until, now - BURST)
