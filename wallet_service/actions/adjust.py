"""A manager corrected a balance, and said why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import (
    Actor,
    Booking,
    Request,
    book,
    must_be_active,
    once,
    standing,
)
from wallet_service.db import queries
from wallet_service.db.tables import Operation
from wallet_service.domain import ledger
from wallet_service.domain.plain import one_line

LONGEST_REASON = 200


def adjust(
    session: Session,
    *,
    card: str,
    points: int,
    reason: str,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
) -> Booking:
    """Once per `key`; NotEnoughPoints when it would take more than there is."""
    row = queries.card_for_update(session, card)
    _, version = programs.current(session, row.program.slug)
    why = one_line(reason, LONGEST_REASON)
    request = Request("adjust", key, {"card": row.serial, "points": points, "reason": why}, actor, now)

    def write(operation: Operation) -> None:
        must_be_active(row)
        drafts = ledger.adjusted(points, why, standing(row))
        book(session, row, version, drafts, operation, request, wallets=wallets)

    return once(session, request, row, write)
