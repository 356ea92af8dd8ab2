"""A member left: the card is closed and shows it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.db import queries
from wallet_service.db.tables.cards import LEFT
from wallet_service.push import outbox


def leave(session: Session, *, card: str, wallets: tuple[str, ...], now: datetime) -> None:
    """Once; leaving twice changes nothing. The ledger stays as it is."""
    row = queries.card_for_update(session, card)
    if row.status == LEFT:
        return
    row.status, row.version, row.changed_at = LEFT, row.version + 1, now
    outbox.card_changed(
        session, card_id=row.id, version=row.version, wallets=wallets, now=now, priority=outbox.MEMBER
    )
