"""What counts as a number and as a date in pass.json."""

import re
from datetime import UTC, datetime
from typing import Any

# P9: the offset needs its colon, the time may lack its seconds, a bare date is refused.
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")


def is_number(value: Any) -> bool:
    """JSON's true is no number, though Python's is; nor is anything that no card could show."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def is_date(value: Any) -> bool:
    return as_date(value) is not None


def as_date(value: Any) -> datetime | None:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment.astimezone(UTC)  # the first and last day of the calendar have no neighbour
    except (ValueError, OverflowError):
        return None
    return moment
