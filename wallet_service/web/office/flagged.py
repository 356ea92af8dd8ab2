"""What the guards saw: the same card again within minutes, more often than people eat, an old receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from wallet_service.actions import entries
from wallet_service.actions.at_till import initials
from wallet_service.db.tables import ApiKey, Card, LedgerEntry, Staff
from wallet_service.domain import offline

MOST = 50


@dataclass(frozen=True)
class Flagged:
    """One purchase or redemption; `who` booked it."""

    serial: str
    recorded_at: datetime
    initials: str
    store: str
    till: str
    who: str
    flags: tuple[str, ...]


def flagged(session: Session, since: datetime) -> tuple[Flagged, ...]:
    """Newest first; without what was booked offline and is not odd otherwise."""
    rows = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.recorded_at >= since, LedgerEntry.flags != offline.FLAG)
        .order_by(LedgerEntry.id.desc())
        .limit(MOST)
        .options(joinedload(LedgerEntry.card).joinedload(Card.member))
    ).all()
    names = names_of(session, {row.actor for row in rows})
    return tuple(_flagged(row, names) for row in rows)


def _flagged(row: LedgerEntry, names: Mapping[str, str]) -> Flagged:
    return Flagged(
        serial=row.card.serial,
        recorded_at=row.recorded_at,
        initials=initials(row.card.member.name),
        store=row.store,
        till=row.till,
        who=names[row.actor],
        flags=entries.entry(row).flags,
    )


def names_of(session: Session, actors: Iterable[str]) -> Mapping[str, str]:
    """By the actor as the ledger writes it: "staff:3", "api:1"."""
    return {actor: _name(session, actor) for actor in actors}


def _name(session: Session, actor: str) -> str:
    kind, _, number = actor.partition(":")
    if not number.isdigit():
        return actor
    known = session.get(Staff, int(number)) if kind == "staff" else session.get(ApiKey, int(number))
    return known.name if known else actor
