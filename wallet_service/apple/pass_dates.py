"""The one way a moment is written in a pass (P9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
MINUTE = 60


def w3c(moment: datetime, time_zone: str = "UTC") -> str:
    """Whole seconds and an offset with its colon, in the zone where it happened."""
    local = moment.astimezone(ZoneInfo(time_zone))
    offset = local.utcoffset()
    if offset is None or offset.total_seconds() % MINUTE:  # before standard time, offsets had seconds
        local = moment.astimezone(UTC)
    return local.isoformat(timespec="seconds").replace("+00:00", "Z")


def is_w3c(text: object) -> bool:
    if not isinstance(text, str) or not W3C.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
