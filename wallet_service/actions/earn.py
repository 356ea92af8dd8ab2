"""A cashier booked a purchase."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import (
    Actor,
    Booking,
    Request,
    book,
    booking,
    must_be_active,
    once,
)
from wallet_service.db import queries
from wallet_service.db.tables import Card, LedgerEntry, Operation
from wallet_service.domain import ledger
from wallet_service.domain.errors import ReceiptAlreadyBooked
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import Evaluation, Purchase, check, evaluate


def earn(
    session: Session,
    *,
    card: str,
    purchase: Purchase,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
) -> Booking:
    """Book once per `key` and once per receipt, however often the button is pressed."""
    row = queries.card_for_update(session, card)
    value, version = programs.current(session, row.program.slug)
    check(value, purchase)
    said = {k: v for k, v in asdict(purchase).items() if k != "occurred_at"}
    request = Request("earn", key, {"card": row.serial, **said}, actor, now)

    def write(operation: Operation) -> None:
        must_be_active(row)
        book(
            session,
            row,
            version,
            ledger.earned(evaluate(value, purchase)),
            operation,
            request,
            wallets=wallets,
            occurred_at=purchase.occurred_at,
            receipt=purchase.receipt,
        )

    booked = _receipt(session, row, purchase)
    if booked is not None and (booked.operation.scope, booked.operation.key) != (actor.name, key):
        return _same_again(session, row, booked, purchase)
    return once(session, request, row, write)


def quote(session: Session, *, card: str, purchase: Purchase) -> Evaluation:
    """What a purchase would earn and why; books nothing."""
    row = queries.card(session, card)
    value, _ = programs.current(session, row.program.slug)
    return evaluate(value, purchase)


def _receipt(session: Session, card: Card, purchase: Purchase) -> LedgerEntry | None:
    if purchase.receipt is None:
        return None
    return session.scalar(
        select(LedgerEntry).where(
            LedgerEntry.program_id == card.program_id,
            LedgerEntry.kind == Kind.EARN,
            LedgerEntry.natural_key == purchase.receipt,
        )
    )


def _same_again(session: Session, card: Card, booked: LedgerEntry, purchase: Purchase) -> Booking:
    """A receipt earns once, whatever the key (ledger invariant 10)."""
    if booked.card_id == card.id and not queries.reversed_ids(session, [booked.id]):
        return booking(session, card.serial, booked.operation, repeated=True)
    raise ReceiptAlreadyBooked(
        "This receipt was booked before, for another card or then taken back.", receipt=purchase.receipt
    )
