"""How an action writes: drafts into entries, lots, the projection, the marks; all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from wallet_service.actions import entries, happenings
from wallet_service.actions.account import Account
from wallet_service.actions.card_row import CHANGING, card_table
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Request
from wallet_service.actions.open_lots import write_lots
from wallet_service.db.ready import Ready, written
from wallet_service.db.session import COUNTED
from wallet_service.db.tables import Allocation, LedgerEntry
from wallet_service.db.tables.base import table
from wallet_service.domain import chain, expiry
from wallet_service.domain.ledger import OWN, Draft
from wallet_service.domain.lots import Lot, Take
from wallet_service.domain.progress import Kind, Standing
from wallet_service.push import outbox

entry_table = table(LedgerEntry)
INSERT_ENTRY = Ready(
    insert(entry_table).returning(entry_table.c.id),
    [column.name for column in entry_table.c if column.name != "id"],
)
INSERT_ALLOCATION = Ready(insert(table(Allocation)), table(Allocation).c.keys())
UPDATE_CARD = Ready(
    update(card_table)
    .where(card_table.c.id == bindparam("row_id"), card_table.c.version == bindparam("row_version"))
    .values({name: bindparam(name) for name in CHANGING})
)
USE = (Kind.EARN, Kind.REDEEM)
"""What keeps the points of a card alive where they burn by inactivity."""


def book(
    session: Session,
    account: Account,
    drafts: Sequence[Draft],
    operation: int,
    request: Request,
    known: Mapping[int, Lot] | None = None,
) -> tuple[Entry, ...]:
    """Entries, lots, projection and marks: all or nothing (ledger invariants 3 and 16). `known` are closed
    lots that the drafts may give back to. Credits only add lots, so that the others need not be looked at.
    """
    whole = account.loaded or any(take.lot != OWN for draft in drafts for take in draft.takes)
    holding = account.holding(session) if whole else account.thin_holding()
    before, rows = holding.lots, []
    for draft in drafts:
        rows.append(_row(account, draft, operation, request))
        holding = holding.after(draft, account.card.seq + 1, known or {})
        _follow(account, draft, rows[-1])
    booked = _insert(session, account.card.id, rows)
    session.info.setdefault(COUNTED, []).extend(entry.kind.value for entry in booked)
    write_lots(session, account.card.id, before, holding.lots)
    account.keep_lots(holding.lots, whole=whole)
    project(session, account, request)
    happenings.booked(session, account, request, booked)
    return booked


def _row(account: Account, draft: Draft, operation: int, request: Request) -> dict[str, Any]:
    card, actor, own = account.card, request.actor, draft.terms
    row: dict[str, Any] = {
        "card_id": card.id,
        "program_id": card.program_id,
        "program_version_id": account.version_id,
        "operation_id": operation,
        "seq": card.seq + 1,
        "kind": draft.kind.value,
        "points": draft.points,
        "balance_after": card.balance + draft.points,
        "status_points": draft.status,
        "endowed": draft.endowed,
        "carried": card.carried if draft.carried is None else "{}/{}".format(*draft.carried),
        "total": draft.total,
        "reward": draft.reward,
        "reverses_id": draft.reverses and draft.reverses[0],
        "natural_key": draft.natural_key,
        "receipt": draft.receipt,
        "available_from": own and own.available_from,
        "expires_at": own and own.expires_at,
        "slides": own is not None and own.slides,
        "trace": entries.trace(draft.steps),
        "basis": draft.basis,
        "note": draft.note,
        "flags": " ".join(request.flags) or None,
        "actor": actor.name,
        "approved_by": request.approved_by,
        "store": actor.store,
        "till": actor.till,
        "occurred_at": draft.occurred_at or request.now,
        "recorded_at": request.now,
        "previous_hash": card.head,
    }
    said = entries.line(
        row,
        serial=card.serial,
        program=f"{account.program.slug}@{account.program.version}",
        reverses=draft.reverses and draft.reverses[1],
        takes=_takes(draft, card.seq + 1),
    )
    row["hash"] = chain.digest(card.head, said)
    row["takes"] = _takes(draft, card.seq + 1)
    return row


def _takes(draft: Draft, seq: int) -> tuple[Take, ...]:
    return tuple(Take(take.lot or seq, take.amount) for take in draft.takes)


def _follow(account: Account, draft: Draft, row: Mapping[str, Any]) -> None:
    """The row of the card, one entry on."""
    card = account.card
    last = Kind(card.last_kind) if card.last_kind else None
    before = Standing(card.balance, card.status_points, card.endowed, card.gained, last)
    after = before.after(draft.kind, draft.points, endowed=draft.endowed, status=draft.status)
    card.seq, card.head = card.seq + 1, row["hash"]
    card.balance, card.status_points = after.balance, after.status
    card.endowed, card.gained, card.last_kind = max(after.endowed, 0), after.gained, after.last
    if draft.carried is not None:
        card.carried = "{}/{}".format(*draft.carried)
    card.idle_until = expiry.idle_after(
        account.program, card.idle_until, row["occurred_at"], used=draft.kind in USE, slides=row["slides"]
    )


def _insert(session: Session, card_id: int, rows: Sequence[dict[str, Any]]) -> tuple[Entry, ...]:
    connection = written(session)
    booked = []
    for row in rows:
        takes = row.pop("takes")
        (entry_id,) = INSERT_ENTRY.answers(connection, row)
        booked.append(entries.of_columns(entry_id, row))
        if takes:
            drawn = [
                {"card_id": card_id, "entry_seq": row["seq"], "lot_seq": take.lot, "amount": take.amount}
                for take in takes
            ]
            INSERT_ALLOCATION.send(connection, *drawn)
    return tuple(booked)


def project(session: Session, account: Account, request: Request, *, notify: bool = True) -> None:
    """Only if nobody moved the card since it was read: the lock says so, and the database is asked."""
    card = account.card
    account.look_ahead(request.now)
    values = {name: getattr(card, name) for name in CHANGING} | {
        "version": card.version + 1,
        "changed_at": request.now,
        "row_id": card.id,
        "row_version": card.version,
    }
    if UPDATE_CARD.send(written(session), values) != 1:
        raise RuntimeError(f"card {card.id} moved under its lock")
    card.version += 1
    session.expire_all()  # what was read of the card before is old now
    outbox.card_changed(
        session,
        card_id=card.id,
        version=card.version,
        wallets=request.wallets,
        now=request.now,
        notify=notify,
    )


def look_later(session: Session, account: Account, now: datetime) -> None:
    """Time has changed nothing that anybody sees: only the next look moves."""
    account.look_ahead(now)
    written(session).execute(
        update(card_table).where(card_table.c.id == account.card.id).values(look_at=account.card.look_at)
    )
