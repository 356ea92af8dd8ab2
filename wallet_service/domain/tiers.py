"""Which tier a card holds, until when, and what keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from wallet_service.domain.local_days import (
    TICK,
    add_months,
    day_before,
    end_of_day,
    end_of_months,
    local_day,
    month_name,
)
from wallet_service.domain.program import Level, Program, Tiers

StatusAt = Callable[[datetime], int]
"""Status points in the window as it stood at that moment, without what happened later."""

ALL_TIME = ("0000-00", "9999-99")
MOST_AHEAD = 20 * 12
"""So many months can be bought ahead, however often somebody buys them: no year is out of range."""


@dataclass(frozen=True)
class Held:
    """`level` was earned and is kept until `until` (None: for good); `paid` was bought until `paid_until`."""

    level: str | None = None
    until: datetime | None = None
    paid: str | None = None
    paid_until: datetime | None = None


@dataclass(frozen=True)
class Happening:
    """What moves a tier: status points, one receipt's total, a level that was bought for months."""

    at: datetime
    status: int
    total: int | None = None
    paid: tuple[str, int] | None = None


def window_months(tiers: Tiers, moment: datetime, zone: str) -> tuple[str, str]:
    """The first and the last month ("2026-11") of the status window that holds this moment."""
    day = local_day(moment, zone)
    if tiers.window == "lifetime":
        return ALL_TIME
    if tiers.window == "calendar":
        return f"{day.year:04}-01", f"{day.year:04}-12"
    first = add_months(day, 1 - tiers.months)
    return first.isoformat()[:7], day.isoformat()[:7]


def settled(program: Program, held: Held, status_at: StatusAt, now: datetime) -> Held:
    """What is held once time has passed: each window that ended is judged in its turn, so that it does not
    matter how often somebody asks.
    """
    while program.tiers and (term := _term(program, program.tiers, held)) and term.judged_at <= now:
        held = _judged(program, program.tiers, held, status_at, term)
    if held.paid_until and held.paid_until <= now:
        return replace(held, paid=None, paid_until=None)
    return held


def after_purchase(
    program: Program, held: Held, status: int, purchase_total: int | None, now: datetime
) -> Held:
    """Rises at once to what the status or one big receipt is enough for; never falls. `held` is settled.

    Another such receipt keeps the level that it reaches as long as the first one would now.
    """
    if not program.tiers:
        return held
    jumped = _by_receipt(program.tiers, purchase_total or 0)
    reached = max(_by_status(program.tiers, status), jumped)
    rank = program.tiers.rank(held.level)
    if reached > rank or jumped == rank >= 0:
        return _kept(program, program.tiers, held, max(reached, rank), local_day(now, program.time_zone))
    return held


def paid_for(program: Program, held: Held, paid: tuple[str, int], at: datetime) -> Held:
    """A receipt bought so many months of a level. They add to what is left of it, as far as MOST_AHEAD;
    another level takes its place.
    """
    level, months = paid
    first_day = _day_of_every_month(local_day(at, program.time_zone))
    running = held.paid_until if held.paid == level else None
    begins = day_before(running, program.time_zone) if running and running > at else first_day
    most = add_months(first_day, MOST_AHEAD)
    last_day = min(add_months(min(begins, most), min(months, MOST_AHEAD)), most)
    return replace(held, paid=level, paid_until=end_of_day(last_day, program.time_zone))


def without_purchase(
    program: Program, held: Held, before: Sequence[Happening], after: Sequence[Happening], now: datetime
) -> Held:
    """A whole receipt came back: `before` has it, `after` has not. What it made no difference to is kept."""
    with_it, without = again(program, before, now), again(program, after, now)
    if with_it.level != without.level:
        held = replace(held, level=without.level, until=without.until)
    if (with_it.paid, with_it.paid_until) != (without.paid, without.paid_until):
        held = replace(held, paid=without.paid, paid_until=without.paid_until)
    return held


def again(program: Program, happened: Sequence[Happening], now: datetime) -> Held:
    """The tier that these alone make, in the order in which they were booked."""
    held, counted = Held(), list[tuple[str, int]]()

    def status_at(moment: datetime) -> int:
        first, last = window_months(program.tiers, moment, program.time_zone) if program.tiers else ALL_TIME
        return sum(status for month, status in counted if first <= month <= last)

    for one in happened:
        held = settled(program, held, status_at, one.at)
        counted.append((month_name(one.at, program.time_zone), one.status))
        held = after_purchase(program, held, status_at(one.at), one.total, one.at)
        held = paid_for(program, held, one.paid, one.at) if one.paid else held
    return settled(program, held, status_at, now)


def higher(program: Program, one: Held, other: Held) -> Held:
    """Of two cards that become one: the better of what was earned, and of what was bought."""
    if not program.tiers:
        return one
    earned = max((one, other), key=lambda held: _worth(program, held.level, held.until))
    bought = max((one, other), key=lambda held: _worth(program, held.paid, held.paid_until))
    return Held(earned.level, earned.until, bought.paid, bought.paid_until)


def _worth(program: Program, level: str | None, until: datetime | None) -> tuple[int, datetime]:
    rank = program.tiers.rank(level) if program.tiers else -1
    return rank, until or datetime.max.replace(tzinfo=UTC)


def in_force(program: Program, held: Held, now: datetime) -> Level | None:
    """The higher of the earned and the paid one; a level from 0 points on is everybody's."""
    if not program.tiers:
        return None
    paid = held.paid if held.paid_until and now < held.paid_until else None
    rank = max(program.tiers.rank(held.level), program.tiers.rank(paid), _by_status(program.tiers, 0))
    return _level(program.tiers, rank)


def next_look(program: Program, held: Held) -> datetime | None:
    """When `settled` may change something; None: time alone changes nothing."""
    term = _term(program, program.tiers, held) if program.tiers else None
    return min(filter(None, (term and term.judged_at, held.paid_until)), default=None)


def falls(tiers: Tiers) -> bool:
    """Whether a level can be lost again."""
    return tiers.window != "lifetime" and tiers.downgrade != "none"


def _day_of_every_month(day: date) -> date:
    """From the 29th on, the 1st of the next: bought months that never meet one too short for their day can be
    taken back exactly, in any order.
    """
    return day if day.day <= 28 else end_of_months(day, 1) + timedelta(days=1)


class _Term(NamedTuple):
    last_day: date
    ended_at: datetime
    judged_at: datetime


def _term(program: Program, tiers: Tiers, held: Held) -> _Term | None:
    """Until when the level is held, and the end of the days of grace after it; None: it is kept for good."""
    if not held.until:
        return None
    last_day = day_before(held.until, program.time_zone)
    judged_at = end_of_day(last_day + timedelta(days=tiers.grace_days), program.time_zone)
    return _Term(last_day, held.until, judged_at)


def _judged(program: Program, tiers: Tiers, held: Held, status_at: StatusAt, term: _Term) -> Held:
    """By the window that ended, or by what was reached in the days of grace, whichever is better.

    The next term counts from the end of this one: grace does not make it longer.
    """
    status = max(status_at(term.ended_at - TICK), status_at(term.judged_at - TICK))
    rank = _after_judgement(tiers, tiers.rank(held.level), _by_status(tiers, status))
    return _kept(program, tiers, held, rank, term.last_day)


def _after_judgement(tiers: Tiers, rank: int, earned: int) -> int:
    if earned >= rank or not falls(tiers):
        return rank
    return earned if tiers.downgrade == "full" else _step_down(tiers, rank)


def _step_down(tiers: Tiers, rank: int) -> int:
    """To the level below; nobody falls into one that is sold."""
    return max((lower for lower in range(rank) if not tiers.levels[lower].paid_item), default=-1)


def _kept(program: Program, tiers: Tiers, held: Held, rank: int, day: date) -> Held:
    """This level for a term that begins on `day`."""
    level = _level(tiers, rank)
    last_day = _last_day(tiers, level, day) if level else None
    return replace(
        held,
        level=level.id if level else None,
        until=end_of_day(last_day, program.time_zone) if last_day else None,
    )


def _last_day(tiers: Tiers, level: Level, day: date) -> date | None:
    """Calendar: of the year after `day`; rolling: of the month that lies `months` ahead."""
    if level.threshold == 0 or not falls(tiers):
        return None
    if tiers.window == "calendar":
        return date(day.year + 1, 12, 31)
    return end_of_months(add_months(day, tiers.months), 1)


def _by_status(tiers: Tiers, status: int) -> int:
    """The rank that so many status points reach; a refund may leave fewer than none of them."""
    return _highest([level.threshold for level in tiers.levels], max(status, 0))


def _by_receipt(tiers: Tiers, total: int) -> int:
    return _highest([level.jump for level in tiers.levels], total)


def _highest(needed: list[int | None], there: int) -> int:
    return max((rank for rank, need in enumerate(needed) if need is not None and need <= there), default=-1)


def _level(tiers: Tiers, rank: int) -> Level | None:
    return tiers.levels[rank] if rank >= 0 else None
