"""The hours of a shop on its own wall clock: "08:00" to "22:00", or over midnight, "18:00" to "02:00"."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

Hours = tuple[str, str]


def is_open(hours: Hours, local: datetime) -> bool:
    """`local` is aware, in the shop's zone. The last minute is outside."""
    opens, closes = map(time.fromisoformat, hours)
    clock = local.time()
    if opens < closes:
        return opens <= clock < closes
    return clock >= opens or clock < closes


def opens_next(hours: Hours, local: datetime) -> datetime:
    """In UTC; where the clock jumps over that minute, the next one there is."""
    opens = time.fromisoformat(hours[0])
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, local.tzinfo).astimezone(UTC)
