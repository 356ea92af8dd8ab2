"""A day of the ledger is over: its root stands for every entry of it (invariant 23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.db.missing import insert_missing
from wallet_service.db.session import Sessions
from wallet_service.db.tables import LedgerDay, LedgerEntry
from wallet_service.domain import chain

SETTLED = timedelta(hours=1)
"""After midnight UTC: no booking of the day before is still on its way."""
AT_ONCE = 5_000


@dataclass(frozen=True)
class Day:
    """What a `ledger_day` says of one UTC day."""

    day: str
    entries: int
    last_entry_id: int
    previous_root: str
    root: str


def close_days(sessions: Sessions, now: datetime) -> list[str]:
    """Every finished day with entries that is not closed yet, in order; answers which. Reads without a lock,
    so that no till waits; whoever closes a day at the same moment writes the same.
    """
    closed: list[str] = []
    while True:
        with sessions.read() as session:
            found = next_day(session, now)
        if found is None:
            return closed
        with sessions.begin() as session:
            insert_missing(session, LedgerDay, **vars(found), made_at=now)
        closed.append(found.day)


def next_day(session: Session, now: datetime) -> Day | None:
    last = session.scalars(select(LedgerDay).order_by(LedgerDay.day.desc()).limit(1)).first()
    query = select(func.min(LedgerEntry.recorded_at))
    if last is not None:
        query = query.where(LedgerEntry.recorded_at >= bounds(last.day)[1])
    first = session.scalar(query)
    if first is None:
        return None
    day = first.astimezone(UTC).date().isoformat()
    if now < bounds(day)[1] + SETTLED:
        return None
    return of_day(session, day, last.root if last else chain.START)


def of_day(session: Session, day: str, previous: str) -> Day:
    """As its entries make it, in the order of booking."""
    count, last_id = 0, 0

    def hashes() -> Iterator[str]:
        nonlocal count, last_id
        for entry_id, said in _hashes(session, day):
            count, last_id = count + 1, entry_id
            yield said

    root = chain.day_root(previous, hashes())
    return Day(day, count, last_id, previous, root)


def bounds(day: str) -> tuple[datetime, datetime]:
    """When a UTC day begins and when the next one does."""
    begins = datetime.combine(date.fromisoformat(day), time(), UTC)
    return begins, begins + timedelta(days=1)


def _hashes(session: Session, day: str) -> Iterator[tuple[int, str]]:
    begins, ends = bounds(day)
    query = (
        select(LedgerEntry.id, LedgerEntry.hash)
        .where(LedgerEntry.recorded_at >= begins, LedgerEntry.recorded_at < ends)
        .order_by(LedgerEntry.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for row in session.execute(query):
        yield row.id, row.hash
