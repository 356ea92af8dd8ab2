"""The hash chain of a card and of a day: whoever changes, drops or adds a line breaks it (invariant 23)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Line = Mapping[str, Any]
"""Everything that an entry says, as JSON; the very words that an export holds."""

CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

START = ""
"""What stands before the first line of a card, and before the first day."""


def digest(previous: str, line: Line) -> str:
    """SHA-256 over the hash before and this line as JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(CANONICAL.encode([previous, line]).encode()).hexdigest()


def first_break(lines: Iterable[tuple[Line, str]]) -> int | None:
    """The place (from 0) of the first line whose hash does not follow, of (line, hash) in order."""
    previous = START
    for place, (line, said) in enumerate(lines):
        if digest(previous, line) != said:
            return place
        previous = said
    return None


def day_root(previous: str, hashes: Iterable[str]) -> str:
    """Over the root of the day before and every hash of the day, in the order of booking."""
    root = hashlib.sha256(previous.encode())
    for said in hashes:
        root.update(said.encode())
    return root.hexdigest()


def moment(at: datetime | None) -> str | None:
    """A time as lines write it: UTC with microseconds, the same on every database."""
    if at is None:
        return None
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
