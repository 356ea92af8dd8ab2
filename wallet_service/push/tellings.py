"""The way of each change, kept for a month: queued, accepted, listed by a phone, fetched by a phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from wallet_service.db.ready import Ready
from wallet_service.db.tables import Telling
from wallet_service.db.tables.base import table
from wallet_service.push.wallet import Note, Outcome, Result

KEPT = timedelta(days=30)
SLICE = 500
COLUMNS = (
    "card_id",
    "wallet",
    "version",
    "priority",
    "request_id",
    "queued_at",
    "accepted_at",
    "phones",
    "delivery",
)
INSERT = Ready(insert(table(Telling)), COLUMNS)


def write(session: Session, settled: Iterable[tuple[Note, Outcome]], now: datetime) -> None:
    """What was told, in one statement; of a card that nobody holds there is no way to follow."""
    rows = [
        {
            "card_id": note.card_id,
            "wallet": note.wallet,
            "version": note.wanted,
            "priority": note.priority,
            "request_id": note.request_id,
            "queued_at": note.raised_at or now,
            "accepted_at": now,
            "phones": outcome.phones,
            "delivery": outcome.delivery,
        }
        for note, outcome in settled
        if outcome.result is Result.TOLD and outcome.phones is not None
    ]
    if rows:
        INSERT.send(session.connection(), *rows)


def last(session: Session, card_id: int, most: int) -> Sequence[Telling]:
    """Of one card, the newest first."""
    return session.scalars(
        select(Telling).where(Telling.card_id == card_id).order_by(Telling.id.desc()).limit(most)
    ).all()


def forget_old(session: Session, now: datetime) -> int:
    """A slice of what is older than a month; answers how many."""
    old = (
        select(Telling.id).where(Telling.accepted_at < now - KEPT).order_by(Telling.accepted_at).limit(SLICE)
    )
    gone = delete(Telling).where(Telling.id.in_(old)).returning(Telling.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
