"""A manager corrected a balance, and said why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Actor, Booking, Request, once
from wallet_service.actions.settling import settle
from wallet_service.db.tables import LedgerEntry, Operation
from wallet_service.domain import ledger
from wallet_service.domain.errors import BadAmount, Invalid, SecondPersonNeeded
from wallet_service.domain.local_days import end_of_day, local_day
from wallet_service.domain.plain import one_line
from wallet_service.domain.progress import Kind

ADJUST = "adjust"
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
    """Once per `key`; NotEnoughPoints when it would take more than there is, SecondPersonNeeded above what
    the program allows one person on a card in a day (invariant 18).
    """
    account = accounts.take(session, card)
    why = one_line(reason, LONGEST_REASON)
    said = {"card": account.card.serial, "points": points, "reason": why}
    request = Request(ADJUST, key, said, actor, now, wallets, approved_by=approved_by)

    def write(operation: int) -> Sequence[Entry]:
        account.must_be_active()
        _may_be_adjusted(points, why)
        _may_be_done_by(session, account, points, actor, approved_by, now)
        settle(session, account, request)
        drafts = ledger.adjusted(account.program, points, why, account.holding(session), now)
        return book(session, account, drafts, operation, request)

    return once(session, request, account, write)


def _may_be_adjusted(points: int, reason: str) -> None:
    if not points or abs(points) > MOST:
        raise BadAmount(f"A correction lies between 1 and {MOST} points, up or down.", points=points)
    if not reason:
        raise Invalid("Say why the balance is corrected: `reason` is what the member and the owner read.")


def _may_be_done_by(
    session: Session, account: Account, points: int, actor: Actor, approved_by: str | None, now: datetime
) -> None:
    """What was corrected today counts with it, so that slices do not pass where the whole would not."""
    limit = account.program.adjustment_limit
    if approved_by == actor.name:  # nobody is their own second person
        raise _second_person(limit, points)
    if limit is None or approved_by is not None:
        return
    today = _alone_today(session, account, now)
    if abs(points) + today > limit:
        raise _second_person(limit, points, today=today)


def _second_person(limit: int | None, points: int, **more: int) -> SecondPersonNeeded:
    if limit is None:
        return SecondPersonNeeded("Nobody approves their own correction. Ask another manager.", points=points)
    return SecondPersonNeeded(
        f"Corrections of a card by more than {limit} points a day need a second person.",
        limit=limit,
        points=points,
        **more,
    )


def _alone_today(session: Session, account: Account, now: datetime) -> int:
    zone = account.program.time_zone
    midnight = end_of_day(local_day(now, zone) - timedelta(days=1), zone)
    corrected = (
        select(func.coalesce(func.sum(func.abs(LedgerEntry.points)), 0))
        .join(Operation, Operation.id == LedgerEntry.operation_id)
        .where(Operation.verb == ADJUST)  # what came by a merge was earned
    )
    of_today = corrected.where(
        LedgerEntry.card_id == account.card.id,
        LedgerEntry.kind == Kind.ADJUST,
        LedgerEntry.approved_by.is_(None),
        LedgerEntry.recorded_at >= midnight,
    )
    return int(session.scalar(of_today) or 0)
