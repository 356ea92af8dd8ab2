"""A customer brought everything back: what the receipt earned is taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.bookkeeping import Actor, Booking
from wallet_service.actions.reverse import reverse
from wallet_service.db import queries
from wallet_service.db.tables import Card, LedgerEntry
from wallet_service.domain.errors import UnknownEntry
from wallet_service.domain.progress import Kind


def refund(
    session: Session,
    *,
    card: str,
    receipt: str,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
) -> Booking:
    """Whole receipts only; once, whatever the key (AlreadyReversed)."""
    row = queries.card_for_update(session, card)
    booked = _booked(session, row, receipt)
    return reverse(session, entry=booked, key=key, actor=actor, wallets=wallets, now=now, kind=Kind.REFUND)


def _booked(session: Session, card: Card, receipt: str) -> int:
    found = session.scalar(
        select(LedgerEntry.id).where(
            LedgerEntry.card_id == card.id,
            LedgerEntry.kind == Kind.EARN,
            LedgerEntry.natural_key == receipt,
        )
    )
    if found is None:
        raise UnknownEntry("This receipt was not booked for this card.", receipt=receipt)
    return found
