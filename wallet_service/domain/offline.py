"""What a till may book while it has no network, and what it says afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wallet_service.domain.errors import BadTime, Conflict, Invalid

HOURS = 72
MOST_A_DAY = 200
"""Of one till."""
AHEAD = timedelta(minutes=2)
FLAG = "offline"
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z", re.ASCII)


class NotSigned(Invalid):
    slug, title = "not-signed", "This was not signed by this till"


class NotOnShift(Conflict):
    slug, title = "not-on-shift", "Nobody of that name stood at this till then"


class TooManyKeys(Conflict):
    """A till is one browser, and yet it comes with another key and another."""

    slug, title = "too-many-keys", "This till has too many keys"


class TooManyOffline(Conflict):
    """`of` is "card" or "till"."""

    slug, title = "too-many-offline", "More than may be booked without a network"


@dataclass(frozen=True)
class Said:
    """One press of a button at a till without a network. `id` is the idempotency key that an attempt with a
    network may have used before; `code` what was scanned; `receipt` the text of a fiscal code.
    """

    id: str
    till: int
    operator: int
    shift: int
    code: str
    total: int | None
    visits: int | None
    receipt: str | None
    at: datetime


def moment(text: str) -> datetime:
    """ "2026-11-22T09:30:00Z"."""
    if not MOMENT.fullmatch(text):
        raise Invalid("`at` is a time in UTC, such as 2026-11-22T09:30:00Z.", field="at")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Invalid("`at` is no time that there is.", field="at") from None


def must_be_fresh(at: datetime, now: datetime) -> None:
    if at > now + AHEAD:
        raise BadTime("This lies in the future: the clock of the till is wrong.")
    if at < now - timedelta(hours=HOURS):
        raise BadTime(f"This is older than {HOURS} hours. A manager can correct the balance instead.")
