"""The one way a moment is written in a pass (P9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
LENGTH = len("2026-11-21T20:31:40+00:00")


def w3c(moment: datetime, zone: tzinfo = UTC) -> str:
    """Whole seconds and an offset with its colon, in the zone where it happened."""
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    if len(text) > LENGTH:  # before standard time, offsets had seconds
        text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text


def is_w3c(text: object) -> bool:
    if not isinstance(text, str) or not W3C.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
