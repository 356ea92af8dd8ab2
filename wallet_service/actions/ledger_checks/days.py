"""The roots of the closed days, made again; nothing may have been slipped into a day since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions.close_day import bounds, of_day
from wallet_service.actions.ledger_checks.finding import Finding
from wallet_service.db.tables import LedgerDay, LedgerEntry
from wallet_service.domain import chain


def differing(session: Session) -> Iterator[Finding]:
    """In order, each root over the one before it."""
    previous, since = chain.START, None
    for kept in session.scalars(select(LedgerDay).order_by(LedgerDay.day)).all():
        for sentence in _of_one(session, kept, previous, since):
            yield Finding("day", f"day {kept.day}", sentence)
        previous, since = kept.root, bounds(kept.day)[1]


def _of_one(session: Session, kept: LedgerDay, previous: str, since: datetime | None) -> Iterator[str]:
    begins, _ = bounds(kept.day)
    if kept.previous_root != previous:
        yield "its root does not follow that of the day before"
    if slipped := _between(session, since, begins):
        yield f"{slipped} entries were recorded before it on days that were closed without any"
    made = of_day(session, kept.day, kept.previous_root)
    if made.entries != kept.entries:
        yield f"it holds {made.entries} entries, there were {kept.entries} when it was closed"
    elif (made.root, made.last_entry_id) != (kept.root, kept.last_entry_id):
        yield "its entries are not those of when it was closed"


def _between(session: Session, since: datetime | None, until: datetime) -> int:
    query = select(func.count()).where(LedgerEntry.recorded_at < until)
    if since is not None:
        query = query.where(LedgerEntry.recorded_at >= since)
    return session.scalar(query) or 0
