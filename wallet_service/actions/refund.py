"""A customer brought something back: what the receipt earned for it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import entries, programs, tallies
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Actor, Booking, Request, once
from wallet_service.actions.reverse import forget_purchase, undo
from wallet_service.actions.settling import keep_tier, settle
from wallet_service.actions.tier_without import tier_without
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain import taking_back
from wallet_service.domain.errors import AlreadyReversed, BadAmount, Conflict, RefundTooLarge, UnknownReceipt
from wallet_service.domain.ledger import Draft, receipt_key
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import evaluate
from wallet_service.domain.tiers import Happening


def refund(
    session: Session,
    *,
    card: str,
    receipt: str,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    total: int | None = None,
    store: str | None = None,
) -> Booking:
    """`total` minor units of the receipt (None: all that is left of it), once per `key`, in any number of
    parts. UnknownReceipt, RefundTooLarge and AlreadyReversed change nothing.
    """
    account = accounts.take(session, card)
    said = {"card": account.card.serial, "receipt": receipt, "total": total, "store": store}
    request = Request("refund", key, said, actor, now, wallets)

    def write(operation: int) -> Sequence[Entry]:
        account.must_not_be_merged()
        settle(session, account, request)
        row = _receipt(session, account, receipt, store)
        return take_back(session, account, row, total, operation, request)

    return once(session, request, account, write)


def _receipt(session: Session, account: Account, receipt: str, store: str | None) -> LedgerEntry:
    """A till that names its store is found at once; for another the card's own entries are looked through."""
    ours = (LedgerEntry.card_id == account.card.id, LedgerEntry.kind == Kind.EARN)
    named = LedgerEntry.natural_key == receipt_key(store, receipt)
    known = (LedgerEntry.program_id == account.card.program_id, named)
    found = session.scalars(select(LedgerEntry).where(*ours, *known)).all()
    if not found:
        query = select(LedgerEntry).where(*ours, LedgerEntry.receipt == receipt)
        found = session.scalars(query.where(LedgerEntry.store == store) if store else query).all()
    if not found:
        raise UnknownReceipt(
            "This receipt was not booked for this card. A receipt of a card that was merged into it is "
            "refunded by a correction.",
            receipt=receipt,
        )
    if len(found) > 1:
        stores = ", ".join(sorted(row.store for row in found))
        raise Conflict(
            f"Two stores booked this receipt number: {stores}. Say which `store`.", receipt=receipt
        )
    return found[0]


def take_back(
    session: Session,
    account: Account,
    row: LedgerEntry,
    total: int | None,
    operation: int,
    request: Request,
    slip: str | None = None,
) -> Sequence[Entry]:
    """Of this purchase. `slip` is the number of a receipt of its own, which counts once."""
    parts = session.scalars(
        select(LedgerEntry).where(LedgerEntry.reverses_id == row.id).order_by(LedgerEntry.id)
    ).all()
    before = -sum(part.total or 0 for part in parts)
    _may_be_refunded(row, parts, before, total)
    if not parts and total in (None, row.total):
        rows = queries.entries_of(session, row.operation_id)
        return undo(session, account, rows, operation, request, Kind.REFUND, slip)
    back = (row.total or 0) - before if total is None else total
    return _part(session, account, row, parts, before, back, operation, request, slip)


def _may_be_refunded(row: LedgerEntry, parts: Sequence[LedgerEntry], before: int, total: int | None) -> None:
    whole = row.total is None or before >= row.total
    if parts and (whole or any(part.kind == Kind.REVERSE for part in parts)):
        raise AlreadyReversed("All of this receipt was taken back before.", receipt=row.receipt)
    if total is None:
        return
    if row.total is None:
        raise BadAmount("This purchase was booked without a total: refund all of it.", receipt=row.receipt)
    if total < 1:
        raise BadAmount("A refund is 1 or more, in minor units.", total=total)
    if total > row.total - before:
        raise RefundTooLarge(
            f"The receipt was {row.total}, {before} of it came back before: {row.total - before} are left.",
            bought=row.total,
            refunded=before,
            left=row.total - before,
            total=total,
        )


def _part(
    session: Session,
    account: Account,
    row: LedgerEntry,
    parts: Sequence[LedgerEntry],
    before: int,
    back: int,
    operation: int,
    request: Request,
    slip: str | None,
) -> Sequence[Entry]:
    program = programs.of_entry(session, row.program_version_id)
    purchase, seen = entries.decided_by(row)
    (target,) = entries.booked(session, [row])
    whole = before + back == row.total
    due = taking_back.owed(
        program, purchase, seen, target, before=before, after=None if whole else before + back
    )
    draft = taking_back.part_refunded(
        program,
        target,
        due,
        account.holding(session),
        back=back,
        part=len(parts) + 1,
        taken=_due_before(parts),
        status=-sum(part.status_points for part in parts),
    )
    if whole:
        worth = replace(evaluate(program, purchase, seen), status=-draft.status)
        forget_purchase(session, account, program, row, worth, request.now)
    else:
        rest = Happening(row.occurred_at, due.left.status, (row.total or 0) - before - back, due.left.paid)
        _shrink(session, account, program, row, draft, rest, request.now)
    drafts = taking_back.with_slip([draft], row.id, slip)
    booked = book(session, account, drafts, operation, request)
    return (*booked, *_gifts(session, account, program, row, due.left.grants, operation, request))


def _shrink(
    session: Session,
    account: Account,
    program: Program,
    row: LedgerEntry,
    draft: Draft,
    rest: Happening,
    now: datetime,
) -> None:
    """What the receipt counts for beside the points is what the `rest` of it counts for."""
    tallies.add(session, account, tallies.status_change(program, draft.status, row.occurred_at))
    if account.program.tiers is not None:
        keep_tier(account, tier_without(session, account, row.id, now, rest))


def _gifts(
    session: Session,
    account: Account,
    program: Program,
    row: LedgerEntry,
    left: int,
    operation: int,
    request: Request,
) -> Sequence[Entry]:
    """Of what the purchase was given beside its points."""
    given = [one for one in queries.entries_of(session, row.operation_id) if one.kind == Kind.GRANT]
    booked: list[Entry] = []
    for gift in entries.booked(session, given):
        parts = session.scalars(select(LedgerEntry).where(LedgerEntry.reverses_id == gift.id)).all()
        draft = taking_back.gift_refunded(program, gift, left, _due_before(parts), account.holding(session))
        if draft is not None:
            booked += book(session, account, [draft], operation, request)
    return booked


def _due_before(parts: Sequence[LedgerEntry]) -> int:
    return sum(taking_back.was_due(part.points, entries.steps(part.trace)) for part in parts)
