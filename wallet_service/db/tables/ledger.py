"""The ledger: append-only; the database itself refuses to change or delete a line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id
from wallet_service.db.tables.cards import Card
from wallet_service.db.tables.programs import ProgramVersion

KINDS = "'earn', 'grant', 'redeem', 'reverse', 'refund', 'expire', 'adjust', 'import'"
HASH = 64
RATIO = 64


class Operation(Base):
    """One press of a button: the same key with the same content is answered with the same entries.

    `answer` is what a machine was told, so that it hears the same again.
    """

    __tablename__ = "operation"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[Id]
    scope: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128))
    verb: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)


class LedgerEntry(Base):
    """One signed line. `seq` counts a card's entries without a gap; `natural_key` is the shop's own
    name of the thing (its receipt number, with the store), which counts once however often it is sent.

    A credit is a lot: `available_from`, `expires_at` and `slides` say when its points can be spent; points
    that slide burn when the card has been idle too long. `total` is the money of the purchase, below 0 of a
    refund, in minor units. `basis` holds everything that decided a purchase, so that it can be evaluated
    again; `trace` holds the arithmetic. `carried` is the fraction of a point that the card keeps after this
    line. `previous_hash` and `hash` chain a card's lines.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("card_id", "seq"),
        UniqueConstraint("program_id", "kind", "natural_key"),
        Index(
            "uq_ledger_entry_undone",
            "reverses_id",
            unique=True,
            sqlite_where=text("kind = 'reverse'"),
            postgresql_where=text("kind = 'reverse'"),
        ),
        CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        CheckConstraint("kind NOT IN ('earn', 'grant', 'import') OR points >= 0", name="credits"),
        CheckConstraint("kind NOT IN ('redeem', 'expire') OR points <= 0", name="debits"),
        CheckConstraint("kind <> 'adjust' OR note IS NOT NULL", name="reason"),
        CheckConstraint("approved_by IS NULL OR approved_by <> actor", name="second_person"),
        CheckConstraint("seq >= 1", name="seq"),
        Index("ix_ledger_entry_operation", "operation_id"),
        Index(
            "ix_ledger_entry_reverses",
            "reverses_id",
            sqlite_where=text("reverses_id IS NOT NULL"),
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        Index("ix_ledger_entry_recorded", "recorded_at", "kind"),
    )

    id: Mapped[Id]
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"))
    program_id: Mapped[int] = mapped_column(BigId, ForeignKey("program.id"))
    program_version_id: Mapped[int] = mapped_column(BigId, ForeignKey("program_version.id"))
    operation_id: Mapped[int] = mapped_column(BigId, ForeignKey("operation.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    points: Mapped[int]
    balance_after: Mapped[int]
    status_points: Mapped[int] = mapped_column(default=0)
    endowed: Mapped[int] = mapped_column(default=0)
    carried: Mapped[str] = mapped_column(String(RATIO), default="0/1")
    total: Mapped[int | None]
    reward: Mapped[str | None] = mapped_column(String(64))
    reverses_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("ledger_entry.id"))
    natural_key: Mapped[str | None] = mapped_column(String(200))
    receipt: Mapped[str | None] = mapped_column(String(128))
    available_from: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    slides: Mapped[bool] = mapped_column(default=False)
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    basis: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str | None] = mapped_column(String(200))
    flags: Mapped[str | None] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str | None] = mapped_column(String(64))
    store: Mapped[str] = mapped_column(String(64))
    till: Mapped[str] = mapped_column(String(64))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(String(HASH))
    hash: Mapped[str] = mapped_column(String(HASH))

    card: Mapped[Card] = relationship()
    program_version: Mapped[ProgramVersion] = relationship()
    operation: Mapped[Operation] = relationship()


class Allocation(Base):
    """From which lot an entry took how much: above 0 it consumes, below 0 it gives back to the same lot.

    Entry and lot are named by their `seq` on the card.
    """

    __tablename__ = "allocation"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount"), {"sqlite_with_rowid": False})

    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    entry_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lot_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount: Mapped[int]


class LedgerDay(Base):
    """The root of one UTC day: a hash over all its entries' hashes and the root before it."""

    __tablename__ = "ledger_day"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    entries: Mapped[int]
    last_entry_id: Mapped[int]
    previous_root: Mapped[str] = mapped_column(String(HASH))
    root: Mapped[str] = mapped_column(String(HASH))
    made_at: Mapped[datetime]
