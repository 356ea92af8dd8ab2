"""What a card holds at this moment, whether or not the sweep came by since the clock changed something."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from wallet_service.actions.account import Account
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import OpenLot
from wallet_service.db.tables.base import table
from wallet_service.domain.lots import held
from wallet_service.domain.program import ExpiryKind
from wallet_service.domain.progress import Kind, Standing

lot_table = table(OpenLot)
NEXT_EXPIRY = Ready(
    select(lot_table.c.expires_at, func.sum(lot_table.c.points_left))
    .where(lot_table.c.card_id == bindparam("card"), lot_table.c.expires_at > bindparam("now"))
    .group_by(lot_table.c.expires_at)
    .order_by(lot_table.c.expires_at)
    .limit(1)
)


def balance(session: Session, account: Account, now: datetime) -> int:
    """What the card holds now: burnt points are gone whether or not the sweep has run (invariant 6). Asks for
    lots only when the clock has changed something since the last booking.
    """
    card = account.card
    if card.balance <= 0 or card.look_at is None or now < card.look_at:
        return card.balance - card.pending
    return held(account.lots(session), now)


def pending(session: Session, account: Account, now: datetime) -> int:
    """What was earned and cannot be spent yet."""
    card = account.card
    if card.look_at is None or now < card.look_at:
        return card.pending
    return sum(lot.left for lot in account.lots(session) if lot.available_from > now and not lot.burnt(now))


def spendable(session: Session, account: Account, now: datetime) -> int:
    """The same without a gift that waits for the first purchase."""
    if account.paid:
        return max(balance(session, account, now), 0)
    return account.holding(session).spendable(now)


def next_expiry(session: Session, account: Account, now: datetime) -> tuple[int, datetime] | None:
    """How much burns next, and when."""
    card, kind = account.card, account.program.expiry.kind
    if card.balance <= 0 or (kind is ExpiryKind.NEVER and card.look_at is None):
        return None
    if card.idle_until is not None and kind is ExpiryKind.INACTIVITY:
        return (card.balance, card.idle_until) if now < card.idle_until else None
    row = NEXT_EXPIRY.row(written(session), {"card": card.id, "now": now})
    return None if row is None else (int(row[1]), row[0])  # a sum of PostgreSQL is a Decimal


def standing(session: Session, account: Account, now: datetime) -> Standing:
    """Of this moment, as a face shows it."""
    card = account.card
    last = Kind(card.last_kind) if card.last_kind else None
    held_now = balance(session, account, now)
    return Standing(held_now, card.status_points, card.endowed, card.gained, last)
