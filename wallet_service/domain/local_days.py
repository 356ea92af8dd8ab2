"""Days, months and years as the shop's wall clock counts them; every instant outside is UTC."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
"""An instant that ends a day belongs to the next one; a tick earlier it was still that day."""


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)  # the purchases of one day all end on the same few
def end_of_day(day: date, zone: str) -> datetime:
    """The local midnight after `day`: from this instant on it is a later day.

    Where the clock jumps over midnight, the instant of the jump; where it is set back over midnight, so that
    the old day comes again for an hour, the second midnight.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    first, second = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    return second if second > first and local_day(second - TICK, zone) == day else first


def day_before(end: datetime, zone: str) -> date:
    """The local day that ends with this instant."""
    return local_day(end - TICK, zone)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_months(day: date, months: int) -> date:
    """The last day of the group of so many months that holds `day`: 1 month, 3 a quarter, 12 a year."""
    last_month = -(-day.month // months) * months
    return date(day.year, last_month, monthrange(day.year, last_month)[1])


def month_name(moment: datetime, zone: str) -> str:
    return _month(local_day(moment, zone))


def period_name(window: str, moment: datetime, zone: str) -> str:
    """The running "day", ISO "week", "month" or "year" by its name: "2026-11-21", "2026-11", "2026"."""
    if window == "ever":
        return window
    day = local_day(moment, zone)
    if window == "week":
        return "{:04}-W{:02}".format(*day.isocalendar())
    return {"day": day.isoformat(), "month": _month(day), "year": f"{day.year:04}"}[window]


def _month(day: date) -> str:
    return day.isoformat()[:7]
