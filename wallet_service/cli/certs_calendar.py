"""The days on which certificates are to be renewed, as a file for anybody's calendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from wallet_service.apple.signing.certificate_status import Standing

BEFORE = timedelta(days=30)
LONGEST = 75  # octets of a line, without its end
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wallet_service//certificates//EN")


def calendar(standings: Iterable[Standing], now: datetime) -> str:
    """Two whole days for each certificate that signs: a month before it ends, and the last one."""
    events = [line for one in standings if not one.waits for line in _events(one, now)]
    return "".join(f"{_folded(line)}\r\n" for line in (*HEAD, *events, "END:VCALENDAR"))


def _events(one: Standing, now: datetime) -> Iterator[str]:
    if one.expires_at is None:
        return
    days = ((one.expires_at - BEFORE, "Renew it now:"), (one.expires_at, "Last day of"))
    for day, what in days:
        yield "BEGIN:VEVENT"
        yield f"UID:{one.pass_type}-{one.expires_at:%Y%m%d}-{day:%Y%m%d}"
        yield f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}"
        yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        yield f"SUMMARY:{what} {one.pass_type}"
        yield "DESCRIPTION:flask wallet certs csr"
        yield "END:VEVENT"


def _folded(line: str) -> str:
    """RFC 5545 3.1: what is too long goes on in the next line, behind a blank, and no character is torn."""
    folded, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LONGEST:
            folded, octets = f"{folded}\r\n ", 1
        folded, octets = folded + character, octets + size
    return folded
