"""Ledger entries as values: what other rooms see of a line, and the words that its hash covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import Allocation, LedgerEntry
from wallet_service.db.tables.base import table
from wallet_service.domain import chain
from wallet_service.domain.lots import Take
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import NOBODY, Circumstances, Purchase, Step, from_basis
from wallet_service.domain.taking_back import Booked

Row = Mapping[str, Any]
"""The columns of an entry by name."""

SAID = (
    "seq",
    "kind",
    "points",
    "balance_after",
    "status_points",
    "endowed",
    "carried",
    "total",
    "reward",
    "natural_key",
    "receipt",
    "slides",
    "trace",
    "basis",
    "note",
    "flags",
    "actor",
    "approved_by",
    "store",
    "till",
)
MOMENTS = ("available_from", "expires_at", "occurred_at", "recorded_at")
FORM = 1


@dataclass(frozen=True)
class Entry:
    """A ledger entry across rooms (interface: entry). `total` is money in minor units."""

    id: int
    kind: Kind
    points: int
    balance_after: int
    steps: tuple[Step, ...]
    reward: str | None
    receipt: str | None
    store: str
    program_version: int
    occurred_at: datetime
    recorded_at: datetime
    total: int | None = None
    flags: tuple[str, ...] = ()
    reverses: int | None = None

    @property
    def money(self) -> int | None:
        """What was bought for, or what points paid, in minor units."""
        return self.fact("paid_with", "money") if self.kind is Kind.REDEEM else self.total

    def fact(self, rule: str, name: str) -> int | None:
        """A figure of the trace."""
        found = (fact for step in self.steps if step.rule == rule for key, fact in step.facts if key == name)
        value = next(found, None)
        return value if isinstance(value, int) else None


def entry(row: LedgerEntry) -> Entry:
    return of_columns(row.id, columns(row))


def columns(row: LedgerEntry) -> Row:
    return {column.name: getattr(row, column.name) for column in table(LedgerEntry).columns}


def of_columns(entry_id: int, row: Row) -> Entry:
    return Entry(
        id=entry_id,
        kind=Kind(row["kind"]),
        points=row["points"],
        balance_after=row["balance_after"],
        steps=steps(row["trace"]),
        reward=row["reward"],
        receipt=row["receipt"],
        store=row["store"],
        program_version=row["program_version_id"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        total=row["total"],
        flags=tuple((row["flags"] or "").split()),
        reverses=row["reverses_id"],
    )


def steps(trace: Iterable[Row]) -> tuple[Step, ...]:
    """The trace as it was kept."""
    return tuple(
        Step(
            kept["rule"],
            kept["points"],
            tuple((name, value) for name, value in kept["facts"]),
            kept.get("fired", True),
        )
        for kept in trace
    )


def trace(told: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {"rule": step.rule, "points": step.points, "facts": [list(fact) for fact in step.facts]}
        | ({} if step.fired else {"fired": False})
        for step in told
    ]


def line(row: Row, *, serial: str, program: str, reverses: int | None, takes: Sequence[Take]) -> chain.Line:
    """All that an entry says, as its hash covers it and an export tells it. `program` is "coffee@3";
    `reverses` the number of the entry that it takes back.
    """
    said = {name: row[name] for name in SAID} | {name: chain.moment(row[name]) for name in MOMENTS}
    drawn = [[take.lot, take.amount] for take in sorted(takes, key=lambda take: take.lot)]
    return said | {"v": FORM, "card": serial, "program": program, "reverses": reverses, "takes": drawn}


def decided_by(row: LedgerEntry) -> tuple[Purchase, Circumstances]:
    """What was bought and in which circumstances; of an entry from before that was kept, a plain visit."""
    if row.basis is None:
        return Purchase(row.occurred_at, visits=1, receipt=row.receipt), NOBODY
    return from_basis(row.basis)


def booked(session: Session, rows: Sequence[LedgerEntry]) -> tuple[Booked, ...]:
    """With what each took from which lot, and what burnt of its own."""
    takes = takes_of(session, rows)
    gone = _burnt_since(session, rows)
    return tuple(
        Booked(
            id=row.id,
            seq=row.seq,
            kind=Kind(row.kind),
            points=row.points,
            status=row.status_points,
            endowed=row.endowed,
            reward=row.reward,
            total=row.total,
            receipt=row.receipt,
            natural_key=row.natural_key,
            takes=takes.get(row.seq, ()),
            gone=gone.get(row.seq, 0),
        )
        for row in rows
    )


def takes_of(session: Session, rows: Sequence[LedgerEntry]) -> dict[int, tuple[Take, ...]]:
    """By the number of the entry; of entries of one card."""
    found: dict[int, tuple[Take, ...]] = {}
    if rows:
        drawn = session.scalars(
            select(Allocation)
            .where(Allocation.card_id == rows[0].card_id, Allocation.entry_seq.in_([row.seq for row in rows]))
            .order_by(Allocation.lot_seq)
        )
        for one in drawn:
            found[one.entry_seq] = (*found.get(one.entry_seq, ()), Take(one.lot_seq, one.amount))
    return found


def _burnt_since(session: Session, rows: Sequence[LedgerEntry]) -> dict[int, int]:
    credits = [row.seq for row in rows if row.points > 0]
    if not credits:
        return {}
    found: dict[int, int] = {}
    drawn = session.execute(
        select(Allocation.lot_seq, Allocation.amount)
        .join(
            LedgerEntry,
            (LedgerEntry.card_id == Allocation.card_id) & (LedgerEntry.seq == Allocation.entry_seq),
        )
        .where(
            Allocation.card_id == rows[0].card_id,
            Allocation.lot_seq.in_(credits),
            LedgerEntry.kind == Kind.EXPIRE,
        )
    )
    for lot, amount in drawn:
        found[lot] = found.get(lot, 0) + amount
    return found
