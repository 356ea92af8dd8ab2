"""The clock went by: points burnt, became free, or a tier was not kept; the cards are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions.once import Request
from wallet_service.actions.settling import SERVICE, settle
from wallet_service.db.tables import Card

SLICE = 100


class Due(NamedTuple):
    look_at: datetime
    card_id: int
    serial: str


def sweep(session: Session, *, wallets: tuple[str, ...], now: datetime) -> int:
    """The next slice of cards whose moment has come; answers how many, less than a slice when it is done.

    What can be spent never waits for it (invariant 6): it only brings the ledger and the phones up to date.
    """
    slice_ = due(session, now)
    for one in sorted(slice_, key=lambda one: one.card_id):
        settle_card(session, one.serial, wallets, now)
    return len(slice_)


def due(session: Session, now: datetime, after: Due | None = None) -> Sequence[Due]:
    """The slice that follows this card, so that one that cannot be settled does not come first for ever."""
    query = select(Card.look_at, Card.id, Card.serial).where(Card.look_at <= now)
    if after is not None:
        same = and_(Card.look_at == after.look_at, Card.id > after.card_id)
        query = query.where(or_(Card.look_at > after.look_at, same))
    rows = session.execute(query.order_by(Card.look_at, Card.id).limit(SLICE))
    return [Due(look_at, card_id, serial) for look_at, card_id, serial in rows if look_at is not None]


def settle_card(session: Session, serial: str, wallets: tuple[str, ...], now: datetime) -> None:
    settle(
        session,
        accounts.take(session, serial),
        Request("settle", "sweep", {}, SERVICE, now, wallets),
    )
