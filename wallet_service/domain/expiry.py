"""When points burn: always at the end of a day by the shop's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from wallet_service.domain.local_days import add_months, end_of_day, end_of_months, local_day
from wallet_service.domain.program import Expiry, ExpiryKind, Program

GROUPS = {"month": 1, "quarter": 3, "year": 12}


def expires_at(program: Program, earned_at: datetime) -> datetime | None:
    """Points of this moment are good before this one; None: they do not burn by their own age."""
    day = local_day(earned_at, program.time_zone)
    if program.expiry.kind is ExpiryKind.ROLLING:
        return end_of_day(_put_off(program.expiry, day), program.time_zone)
    if program.expiry.kind is ExpiryKind.CALENDAR:
        return end_of_day(_next_fixed_day(program.expiry, day), program.time_zone)
    return None


def idle_until(program: Program, active_at: datetime) -> datetime | None:
    """When all points of a card burn that was last used at this moment; None: being idle burns nothing."""
    if program.expiry.kind is not ExpiryKind.INACTIVITY:
        return None
    last_day = add_months(local_day(active_at, program.time_zone), program.expiry.months)
    return end_of_day(last_day, program.time_zone)


def idle_after(
    program: Program, idle: datetime | None, at: datetime, *, used: bool, slides: bool
) -> datetime | None:
    """Until when a card may lie idle, after something that happened `at`. Use puts it off, and for good where
    points burn otherwise now; points that come to a card which has been idle for too long begin anew.
    """
    until = idle_until(program, at)
    if used:
        return None if until is None else max(until, idle or until)
    return until if slides and idle is not None and idle <= at else idle


def grace_until(program: Program, now: datetime) -> datetime | None:
    """How long points live that come back now, after their day; None: they come back burnt."""
    if not program.expiry.grace_days:
        return None
    last_day = local_day(now, program.time_zone) + timedelta(days=program.expiry.grace_days)
    return end_of_day(last_day, program.time_zone)


def _put_off(expiry: Expiry, day: date) -> date:
    day = add_months(day, expiry.months)
    return end_of_months(day, GROUPS[expiry.end_of]) if expiry.end_of in GROUPS else day


def _next_fixed_day(expiry: Expiry, day: date) -> date:
    earliest = add_months(day, expiry.months)
    return min(fixed for fixed in _fixed_days(expiry, earliest.year) if fixed >= earliest)


def _fixed_days(expiry: Expiry, year: int) -> Iterator[date]:
    """Of this year and the next. 29 February is the 28th where there is none: the end of its month."""
    for month_and_day in expiry.days:
        month, day = map(int, month_and_day.split("-"))
        for start in (date(year, month, 1), date(year + 1, month, 1)):
            yield min(start + timedelta(days=day - 1), end_of_months(start, 1))
