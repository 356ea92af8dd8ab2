"""A cashier took something back: a reversing entry, never a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from wallet_service.actions.bookkeeping import Actor, Booking, Request, book, booked, once
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry, Operation
from wallet_service.domain import ledger
from wallet_service.domain.errors import AlreadyReversed, Conflict, TooLateToUndo
from wallet_service.domain.progress import Kind

UNDO = timedelta(seconds=60)


def reverse(
    session: Session,
    *,
    entry: int,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    within: timedelta | None = None,
    kind: Kind = Kind.REVERSE,
) -> Booking:
    """Take back the whole press of the button that wrote `entry`, `within` that time of it (None: ever).

    `kind` is REVERSE, or REFUND when the goods came back. The balance may go below zero; the bar never does.
    """
    target = queries.entry(session, entry)
    card = queries.card_for_update(session, target.card.serial)
    request = Request(kind, key, {"entry": entry}, actor, now)

    def write(operation: Operation) -> None:
        rows = queries.entries_of(session, target.operation)
        _may_be_reversed(session, rows, within, now)
        drafts = ledger.reversal((booked(row) for row in rows), kind)
        book(session, card, target.program_version, drafts, operation, request, wallets=wallets)

    return once(session, request, card, write)


def _may_be_reversed(
    session: Session, rows: Sequence[LedgerEntry], within: timedelta | None, now: datetime
) -> None:
    if any(row.kind in (Kind.REVERSE, Kind.REFUND) for row in rows):
        raise Conflict("This already takes something back. Book the purchase again instead.")
    if queries.reversed_ids(session, [row.id for row in rows]):
        raise AlreadyReversed("This was taken back before.")
    if within is not None and now - rows[0].recorded_at > within:
        raise TooLateToUndo(
            f"Undo works for {within.seconds} seconds. Ask the manager for a correction.",
            seconds=within.seconds,
        )
