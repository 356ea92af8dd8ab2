"""A date in a header of somebody else's answer (RFC 9110 5.6.7, as every server of today writes it)."""

from __future__ import annotations

from datetime import UTC, datetime

FORM = "%a, %d %b %Y %H:%M:%S GMT"


def moment_of(text: str) -> datetime | None:
    """What is no date is none."""
    try:
        return datetime.strptime(text, FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
