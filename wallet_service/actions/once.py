"""One press of a button: who pressed, what it said, and that it counts once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wallet_service import metrics
from wallet_service.actions import entries
from wallet_service.actions.account import Account
from wallet_service.actions.entries import Entry
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import LedgerEntry, Operation, Staff
from wallet_service.db.tables.base import table
from wallet_service.domain.errors import Invalid, KeyReused, OwnCard
from wallet_service.domain.progress import Kind

LONGEST_KEY = 128
FINGERPRINT = json.JSONEncoder(default=str)
NO_RECEIPT = (0, None)
operation_table, entry_table = table(Operation), table(LedgerEntry)


def _claim(database: str) -> Any:
    """Nothing is claimed for a receipt that was booked already: asked in the same breath."""
    names = ("scope", "key", "verb", "fingerprint", "made_at")
    said = [bindparam(name, type_=operation_table.c[name].type) for name in names]
    booked = (
        select(entry_table.c.id)
        .where(entry_table.c.program_id == bindparam("of_program"), entry_table.c.kind == Kind.EARN.value)
        .where(entry_table.c.natural_key == bindparam("receipt"))
    )
    dialect: Any = {"sqlite": sqlite, "postgresql": postgresql}[database]
    added = dialect.insert(operation_table).from_select(names, select(*said).where(~booked.exists()))
    return added.on_conflict_do_nothing(index_elements=["scope", "key"]).returning(operation_table.c.id)


CLAIM = Ready(_claim)


@dataclass(frozen=True)
class Actor:
    """Who did it and where: "staff:3", "api:till-2", "member" (invariant 18). `own_card` is the id of the
    card that they carry as a member themselves.
    """

    name: str
    store: str = "main"
    till: str = "main"
    own_card: int | None = None


@dataclass(frozen=True)
class Booking:
    """What an action wrote. `repeated`: the same press of the same button was booked before; or another press
    was, for the same receipt: then `before`, too. `account` is the card as it stands now, where the action
    has it in the hand.
    """

    serial: str
    entries: tuple[Entry, ...]
    repeated: bool = False
    before: bool = False
    account: Account | None = field(default=None, repr=False, compare=False)

    @property
    def entry(self) -> Entry:
        """The one that the action is about."""
        return self.entries[0]


@dataclass(frozen=True)
class Request:
    """One press of a button: `body` is all that it said, so that the same key with another body shows."""

    verb: str
    key: str
    body: Mapping[str, object]
    actor: Actor
    now: datetime
    wallets: tuple[str, ...]
    approved_by: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(FINGERPRINT.encode([self.verb, self.body]).encode()).hexdigest()


def once(
    session: Session, request: Request, account: Account, do: Callable[[int], Sequence[Entry]]
) -> Booking:
    """Run `do` with the operation's id unless this key was used: then answer what it booked. Call with the
    card locked. Raises KeyReused when the key stands for something else.
    """
    operation = claim(session, request)
    if operation is None:
        return booked_before(session, request, account.card.serial)
    not_their_own(account.card.id, request.actor)
    if request.approved_by is not None:
        _approved_by_another(session, account.card.id, request.approved_by)
    return Booking(account.card.serial, tuple(do(operation)))


def not_their_own(card_id: int, actor: Actor) -> None:
    """S9: a card is neither booked nor changed by whom it belongs to."""
    if actor.own_card == card_id:
        raise OwnCard("Nobody serves their own card. Ask a colleague.")


def _approved_by_another(session: Session, card_id: int, who: str) -> None:
    carried = session.scalars(select(Staff.id).where(Staff.own_card_id == card_id))
    if who in {f"staff:{person}" for person in carried}:
        raise OwnCard("Nobody approves what is done to their own card. Ask another manager.")


def claim(session: Session, request: Request, receipt: tuple[int, str | None] = NO_RECEIPT) -> int | None:
    """The new operation's id; None when this key was used before, or when this receipt (the program's id and
    its natural key there) was booked.
    """
    if not (1 <= len(request.key) <= LONGEST_KEY and request.key.isprintable()):
        raise Invalid(
            f"An idempotency key has 1 to {LONGEST_KEY} visible characters.", length=len(request.key)
        )
    values = {
        "scope": request.actor.name,
        "key": request.key,
        "verb": request.verb,
        "fingerprint": request.fingerprint,
        "made_at": request.now,
        "of_program": receipt[0],
        "receipt": receipt[1],
    }
    return next(iter(CLAIM.answers(written(session), values)), None)


def booked_before(session: Session, request: Request, serial: str) -> Booking:
    operation = session.scalars(
        select(Operation).where(Operation.scope == request.actor.name, Operation.key == request.key)
    ).one()
    if operation.fingerprint != request.fingerprint:
        raise KeyReused(
            "This idempotency key was used for something else. Make a new key for each press of a button."
        )
    metrics.DUPLICATE_OPS.inc()
    return booking(session, serial, operation.id, repeated=True)


def booking(
    session: Session, serial: str, operation_id: int, *, repeated: bool, before: bool = False
) -> Booking:
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.operation_id == operation_id).order_by(LedgerEntry.id)
    )
    return Booking(serial, tuple(entries.entry(row) for row in rows), repeated, before)
