"""A cashier took something back: a reversing entry, never a deletion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import entries, programs, stock, tallies
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.closed_lots import closed_lots
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Actor, Booking, Request, once
from wallet_service.actions.settling import keep_tier, settle
from wallet_service.actions.tier_without import tier_without
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain import ledger, taking_back
from wallet_service.domain.errors import AlreadyReversed, Conflict, SecondPersonNeeded, TooLateToUndo
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import Evaluation, evaluate

UNDO = timedelta(seconds=60)
FINAL = (Kind.REVERSE, Kind.REFUND, Kind.EXPIRE)
"""What takes back, and what the clock did, is not taken back itself."""


def reverse(
    session: Session,
    *,
    entry: int,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    within: timedelta | None = None,
    approved_by: str | None = None,
) -> Booking:
    """Take back the whole press of the button that wrote `entry`, `within` that time of it (None: ever).

    What is spent already follows the program's refund policy (PointsSpent where it refuses). `approved_by`:
    a second person, as the ledger names them.
    """
    target = queries.entry(session, entry)
    account = accounts.take(session, target.card.serial)
    request = Request("reverse", key, {"entry": entry}, actor, now, wallets, approved_by=approved_by)

    def write(operation: int) -> Sequence[Entry]:
        account.must_not_be_merged()
        rows = list(queries.entries_of(session, target.operation_id))
        _may_be_reversed(session, account, rows, within, request)
        settle(session, account, request)
        return undo(session, account, rows, operation, request)

    return once(session, request, account, write)


def undo(
    session: Session,
    account: Account,
    rows: Sequence[LedgerEntry],
    operation: int,
    request: Request,
    kind: Kind = Kind.REVERSE,
    slip: str | None = None,
) -> Sequence[Entry]:
    """Takes back these entries of one operation, by the program as it was then. `slip` names what it is taken
    back with, which counts once.
    """
    program = programs.of_entry(session, rows[0].program_version_id)
    booked = entries.booked(session, rows)
    fraction = Fraction(0)
    for row, one in zip(rows, booked, strict=True):
        if row.kind == Kind.EARN:
            fraction += _unearn(session, account, program, row, one, request.now)
        if row.kind == Kind.REDEEM and row.reward:
            stock.put_back(session, account.card.program_id, row.reward)
    known = closed_lots(session, account, {take.lot for one in booked for take in one.takes})
    drafts = taking_back.undone(
        program,
        booked,
        fraction,
        account.holding(session),
        known,
        account.card.seq,
        request.now,
        kind,
        owing=_let_go_since(session, rows),
    )
    drafts = taking_back.with_slip(drafts, rows[0].id, slip)
    return book(session, account, drafts, operation, request, known)


def forget_purchase(
    session: Session, account: Account, program: Program, row: LedgerEntry, worth: Evaluation, now: datetime
) -> None:
    """What a purchase changed beside the points, once all of it came back."""
    purchase, _ = entries.decided_by(row)
    card = account.card
    if ledger.is_paid(purchase):
        card.receipts = max(card.receipts - 1, 0)
    tallies.add(session, account, tallies.changes(program, worth, row.occurred_at, sign=-1))
    if account.program.tiers is not None:
        keep_tier(account, tier_without(session, account, row.id, now))


def _unearn(
    session: Session,
    account: Account,
    program: Program,
    row: LedgerEntry,
    booked: taking_back.Booked,
    now: datetime,
) -> Fraction:
    purchase, seen = entries.decided_by(row)
    worth = evaluate(program, purchase, seen)
    forget_purchase(session, account, program, row, worth, now)
    return taking_back.owed(program, purchase, seen, booked).carried


def _let_go_since(session: Session, rows: Sequence[LedgerEntry]) -> int:
    """What refunds could not take since a reward was had, because it was spent on it: it comes back first."""
    if rows[0].kind != Kind.REDEEM:
        return 0
    since = session.scalars(
        select(LedgerEntry.trace).where(
            LedgerEntry.card_id == rows[0].card_id,
            LedgerEntry.seq > rows[0].seq,
            LedgerEntry.kind.in_((Kind.REFUND, Kind.REVERSE)),
        )
    )
    told = [entries.steps(trace) for trace in since]
    let_go = sum(taking_back.told(steps, taking_back.CLAMPED, "short") for steps in told)
    return let_go - sum(taking_back.told(steps, taking_back.RECOUPED, "points") for steps in told)


def _may_be_reversed(
    session: Session,
    account: Account,
    rows: Sequence[LedgerEntry],
    within: timedelta | None,
    request: Request,
) -> None:
    age, limit = request.now - rows[0].recorded_at, account.program.adjustment_limit
    if len({row.card_id for row in rows}) > 1:
        raise Conflict("Two cards were merged here: that is not taken back. Correct the balance by hand.")
    if any(row.kind in FINAL for row in rows):
        raise Conflict("This already takes something back. Book the purchase again instead.")
    if _taken_back(session, rows):
        raise AlreadyReversed("This was taken back before.")
    if within is not None and age > within:
        raise TooLateToUndo(
            f"Undo works for {within.seconds} seconds. Ask the manager for a correction.",
            seconds=within.seconds,
        )
    corrected = max((abs(row.points) for row in rows if row.kind == Kind.ADJUST), default=0)
    slip = age <= UNDO and rows[0].actor == request.actor.name
    alone = request.approved_by is None and not slip
    if limit is not None and corrected > limit and alone:  # invariant 18: it moves as much as it did
        raise SecondPersonNeeded(
            f"A correction of more than {limit} points is not taken back by one person. Correct the balance "
            "by hand, with a second one.",
            limit=limit,
            points=corrected,
        )


def _taken_back(session: Session, rows: Iterable[LedgerEntry]) -> bool:
    ids = [row.id for row in rows]
    return session.scalar(select(LedgerEntry.id).where(LedgerEntry.reverses_id.in_(ids)).limit(1)) is not None
