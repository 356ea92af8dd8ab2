"""Dates in HTTP headers, read strictly: what is no date is no condition (M4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
MONTH = f"(?P<month>{'|'.join(MONTHS)})"
FORMS = (  # RFC 9110 5.6.7: the form that we send, and the two that one must still understand
    re.compile(rf"[A-Z][a-z]{{2}}, (?P<day>\d\d) {MONTH} (?P<year>\d{{4}}) {CLOCK} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]+day, (?P<day>\d\d)-{MONTH}-(?P<year>\d\d) {CLOCK} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]{{2}} {MONTH} (?P<day>[ \d]\d) {CLOCK} (?P<year>\d{{4}})", re.ASCII),
)


def parsed(text: str, now: datetime) -> datetime | None:
    """`now` decides the century of a year of two digits."""
    for form in FORMS:
        if found := form.fullmatch(text):
            return _moment(found, now)
    return None


def _moment(found: re.Match[str], now: datetime) -> datetime | None:
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += now.year // 100 * 100
        year -= 100 if year > now.year + 50 else 0
    try:
        month = MONTHS.index(found["month"]) + 1
        day, hour, minute, second = (int(found[part]) for part in ("day", "hour", "minute", "second"))
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
