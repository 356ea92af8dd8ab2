"""How an action writes: once per key, drafts into entries, the projection, the marks; one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_service.db import queries
from wallet_service.db.tables import Card, LedgerEntry, Operation, ProgramVersion
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import CardNotActive, Invalid, KeyReused
from wallet_service.domain.ledger import Booked, Draft
from wallet_service.domain.progress import Kind, Standing
from wallet_service.domain.rules import Step
from wallet_service.push import outbox

LONGEST_KEY = 128


@dataclass(frozen=True)
class Actor:
    """Who did it and where: "staff:3", "api:till-2", "member"."""

    name: str
    store: str | None = None
    till: str | None = None


@dataclass(frozen=True)
class Entry:
    """A ledger entry across rooms (interface: entry)."""

    id: int
    kind: Kind
    points: int
    balance_after: int
    steps: tuple[Step, ...]
    reward: str | None
    receipt: str | None
    store: str | None
    program_version: int
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Booking:
    """What an action wrote. `repeated`: the same press of the same button was booked before."""

    serial: str
    entries: tuple[Entry, ...]
    repeated: bool = False

    @property
    def entry(self) -> Entry:
        """The one that the action is about: the first, which an undo takes back last."""
        return self.entries[-1 if self.entries[0].kind in (Kind.REVERSE, Kind.REFUND) else 0]


@dataclass(frozen=True)
class Request:
    """One press of a button: `body` is all that it said, so that the same key with another body shows."""

    verb: str
    key: str
    body: Mapping[str, object]
    actor: Actor
    now: datetime

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps([self.verb, self.body], default=str).encode()).hexdigest()


def once(session: Session, request: Request, card: Card, do: Callable[[Operation], None]) -> Booking:
    """Run `do` unless this key was used: then answer what it booked. Call with the card locked.

    Raises KeyReused when the key stands for something else.
    """
    if not (1 <= len(request.key) <= LONGEST_KEY and request.key.isprintable()):
        raise Invalid(
            f"An idempotency key has 1 to {LONGEST_KEY} visible characters.", length=len(request.key)
        )
    operation = _known(session, request)
    repeated = operation is not None
    if operation is None:
        operation = _remember(session, request)
        do(operation)
    return booking(session, card.serial, operation, repeated=repeated)


def booking(session: Session, serial: str, operation: Operation, *, repeated: bool) -> Booking:
    return Booking(serial, tuple(entry(row) for row in queries.entries_of(session, operation)), repeated)


def entry(row: LedgerEntry) -> Entry:
    return Entry(
        id=row.id,
        kind=Kind(row.kind),
        points=row.points,
        balance_after=row.balance_after,
        steps=steps(row),
        reward=row.reward,
        receipt=row.natural_key,
        store=row.store,
        program_version=row.program_version_id,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )


def steps(row: LedgerEntry) -> tuple[Step, ...]:
    """The trace as it was kept."""
    return tuple(
        Step(kept["rule"], kept["points"], tuple((name, value) for name, value in kept["facts"]))
        for kept in row.trace
    )


def booked(row: LedgerEntry) -> Booked:
    return Booked(row.id, Kind(row.kind), row.points, row.status_points, row.endowed, row.reward)


def standing(card: Card) -> Standing:
    last = Kind(card.last_kind) if card.last_kind else None
    return Standing(card.balance, card.status_points, card.endowed, card.gained, last)


def must_be_active(card: Card) -> None:
    if card.status != ACTIVE:
        raise CardNotActive("This card was closed by its member. Offer a new one.")


def book(
    session: Session,
    card: Card,
    version: ProgramVersion,
    drafts: Sequence[Draft],
    operation: Operation,
    request: Request,
    *,
    wallets: tuple[str, ...],
    occurred_at: datetime | None = None,
    receipt: str | None = None,
) -> None:
    """Entries, projection and marks: all or nothing (ledger invariants 3 and 16)."""
    now, seq, after = request.now, queries.last_seq(session, card.id), standing(card)
    for draft in drafts:
        seq += 1
        after = after.after(draft.kind, draft.points, endowed=draft.endowed, status=draft.status)
        session.add(
            LedgerEntry(
                card_id=card.id,
                program_id=card.program_id,
                program_version_id=version.id,
                operation_id=operation.id,
                seq=seq,
                kind=draft.kind,
                points=draft.points,
                balance_after=after.balance,
                status_points=draft.status,
                endowed=draft.endowed,
                reward=draft.reward,
                reverses_id=draft.reverses,
                natural_key=receipt,
                trace=[asdict(step) for step in draft.steps],
                actor=request.actor.name,
                store=request.actor.store,
                till=request.actor.till,
                occurred_at=occurred_at or now,
                recorded_at=now,
            )
        )
        session.flush()  # ids in the order of booking
    _project(session, card, after, now)
    outbox.card_changed(session, card_id=card.id, version=card.version, wallets=wallets, now=now)


def _project(session: Session, card: Card, after: Standing, now: datetime) -> None:
    """Only if nobody moved the card since it was read: the lock says so, and the database is asked."""
    moved = session.execute(
        update(Card)
        .where(Card.id == card.id, Card.version == card.version)
        .values(
            version=card.version + 1,
            balance=after.balance,
            status_points=after.status,
            endowed=after.endowed,
            gained=after.gained,
            last_kind=after.last,
            changed_at=now,
        )
        .returning(Card.version)
        .execution_options(synchronize_session="fetch")
    ).first()
    if moved is None:
        raise RuntimeError(f"card {card.id} moved under its lock")


def _known(session: Session, request: Request) -> Operation | None:
    operation = session.scalar(
        select(Operation).where(Operation.scope == request.actor.name, Operation.key == request.key)
    )
    if operation is not None and operation.fingerprint != request.fingerprint:
        raise KeyReused(
            "This idempotency key was used for something else. Make a new key for each press of a button."
        )
    return operation


def _remember(session: Session, request: Request) -> Operation:
    operation = Operation(
        scope=request.actor.name,
        key=request.key,
        verb=request.verb,
        fingerprint=request.fingerprint,
        made_at=request.now,
    )
    try:
        with session.begin_nested():
            session.add(operation)
    except IntegrityError as error:  # the same key for another card at the same moment
        raise KeyReused("This idempotency key is in use for another card. Make a new one.") from error
    return operation
