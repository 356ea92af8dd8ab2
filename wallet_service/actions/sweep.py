"""The clock went by: points burnt, became free, or a tier was not kept; the cards are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions.bookkeeping import Request
from wallet_service.actions.settling import SERVICE, settle
from wallet_service.db.tables import Card

SLICE = 100


def sweep(session: Session, *, wallets: tuple[str, ...], now: datetime) -> int:
    """The next slice of cards whose moment has come; answers how many, less than a slice when it is done.

    What can be spent never waits for it (invariant 6): it only brings the ledger and the phones up to date.
    """
    due = session.scalars(
        select(Card.serial).where(Card.look_at <= now).order_by(Card.look_at, Card.id).limit(SLICE)
    ).all()
    request = Request("settle", "sweep", {}, SERVICE, now, wallets)
    for serial in sorted(due):
        settle(session, accounts.take(session, serial), request)
    return len(due)
