"""The lots that a cancelled redemption gives back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions.account import Account
from wallet_service.db.tables import Allocation, LedgerEntry
from wallet_service.db.tables.base import UtcTime
from wallet_service.domain.lots import Lot
from wallet_service.domain.progress import Kind


def closed_lots(session: Session, account: Account, seqs: Iterable[int]) -> Mapping[int, Lot]:
    """The terms of these lots, with nothing left in them: what a cancelled redemption gives back to."""
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.card_id == account.card.id, LedgerEntry.seq.in_(list(seqs)))
    )
    lots = {row.seq: _lot_of(row, account.card.idle_until) for row in rows}
    return lots | {seq: replace(lots[seq], expires_at=at) for seq, at in _burnt_at(session, account, lots)}


def _lot_of(row: LedgerEntry, idle_until: datetime | None) -> Lot:
    return Lot(
        row.seq,
        0,
        row.available_from or row.occurred_at,
        idle_until if row.slides else row.expires_at,
        gift=row.endowed > 0,
        slides=row.slides,
    )


def _burnt_at(session: Session, account: Account, lots: Mapping[int, Lot]) -> Iterable[tuple[int, datetime]]:
    """A lot that slides has burnt for good, though the card was used again since."""
    sliding = [seq for seq, lot in lots.items() if lot.slides]
    if not sliding:
        return []
    burnt = session.execute(
        select(Allocation.lot_seq, func.max(LedgerEntry.occurred_at, type_=UtcTime))
        .join(
            LedgerEntry,
            (LedgerEntry.card_id == Allocation.card_id) & (LedgerEntry.seq == Allocation.entry_seq),
        )
        .where(
            Allocation.card_id == account.card.id,
            Allocation.lot_seq.in_(sliding),
            LedgerEntry.kind == Kind.EXPIRE,
        )
        .group_by(Allocation.lot_seq)
    )
    return [(seq, at) for seq, at in burnt]
