"""A manager corrected a balance, and said why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions.bookkeeping import Actor, Booking, Request, book, once
from wallet_service.actions.entries import Entry
from wallet_service.actions.settling import settle
from wallet_service.domain import ledger
from wallet_service.domain.errors import BadAmount, Invalid, SecondPersonNeeded
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program

LONGEST_REASON = 200
MOST = 1_000_000_000


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
    approved_by: str | None = None,
) -> Booking:
    """Once per `key`; NotEnoughPoints when it would take more than there is, SecondPersonNeeded above the
    program's limit (invariant 18).
    """
    account = accounts.take(session, card)
    why = one_line(reason, LONGEST_REASON)
    said = {"card": account.card.serial, "points": points, "reason": why}
    request = Request("adjust", key, said, actor, now, wallets, approved_by=approved_by)

    def write(operation: int) -> Sequence[Entry]:
        account.must_be_active()
        _may_be_adjusted(account.program, points, why, actor, approved_by)
        settle(session, account, request)
        drafts = ledger.adjusted(account.program, points, why, account.holding(session), now)
        return book(session, account, drafts, operation, request)

    return once(session, request, account, write)


def _may_be_adjusted(
    program: Program, points: int, reason: str, actor: Actor, approved_by: str | None
) -> None:
    if not points or abs(points) > MOST:
        raise BadAmount(f"A correction lies between 1 and {MOST} points, up or down.", points=points)
    if not reason:
        raise Invalid("Say why the balance is corrected: `reason` is what the member and the owner read.")
    limit = program.adjustment_limit
    above = limit is not None and abs(points) > limit and approved_by is None
    if above or approved_by == actor.name:  # nobody is their own second person
        raise SecondPersonNeeded(
            f"A correction of more than {limit} points needs a second person.", limit=limit, points=points
        )
