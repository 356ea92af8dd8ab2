"""What phones complain about: anybody may send it, so it is bounded and made harmless (S19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wallet_service.apple.service.complaint_reading import read
from wallet_service.db.tables import DeviceLog
from wallet_service.domain.errors import Invalid

MOST_LINES, LONGEST_LINE, MOST_A_DAY = 20, 1024, 1000
KEPT_FOR = timedelta(days=30)


def lines_of(body: object) -> list[str]:
    """W19: {"logs": ["...", ...]}; Invalid for everything else (W20)."""
    lines = body.get("logs") if isinstance(body, dict) else None
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise Invalid('A log has the form {"logs": ["...", ...]}.')
    return [harmless(line) for line in lines[:MOST_LINES]]


def harmless(line: str) -> str:
    """One line that cannot pretend to be two, nor reach a terminal; the same text, never ambiguous."""
    safe = (char if char.isprintable() and char != "\\" else _escaped(char) for char in line[:LONGEST_LINE])
    return "".join(safe).encode()[:LONGEST_LINE].decode(errors="ignore")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def has_room(session: Session, now: datetime) -> bool:
    return _room(session, now) > 0


def keep(session: Session, lines: Sequence[str], now: datetime) -> None:
    """The first thousand lines of each day, for thirty days."""
    session.execute(delete(DeviceLog).where(DeviceLog.received_at < now - KEPT_FOR))
    for line in lines[: _room(session, now)]:
        said = read(line)
        session.add(DeviceLog(received_at=now, line=said.line, kind=said.kind, serial=said.serial))


def _room(session: Session, now: datetime) -> int:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    kept = session.scalar(select(func.count()).where(DeviceLog.received_at >= today)) or 0
    return max(MOST_A_DAY - kept, 0)
