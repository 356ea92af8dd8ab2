"""The ledger: append-only; the database itself refuses to change or delete a line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id
from wallet_service.db.tables.cards import Card
from wallet_service.db.tables.programs import ProgramVersion

KINDS = "'earn', 'grant', 'redeem', 'reverse', 'refund', 'expire', 'adjust', 'import'"


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
    name of the thing (its receipt number), which counts once however often it is sent.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("card_id", "seq"),
        UniqueConstraint("program_id", "kind", "natural_key"),
        UniqueConstraint("reverses_id"),
        CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        Index("ix_ledger_entry_operation", "operation_id"),
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
    reward: Mapped[str | None] = mapped_column(String(64))
    reverses_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("ledger_entry.id"))
    natural_key: Mapped[str | None] = mapped_column(String(128))
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    actor: Mapped[str] = mapped_column(String(64))
    store: Mapped[str | None] = mapped_column(String(64))
    till: Mapped[str | None] = mapped_column(String(64))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    card: Mapped[Card] = relationship()
    program_version: Mapped[ProgramVersion] = relationship()
    operation: Mapped[Operation] = relationship()
