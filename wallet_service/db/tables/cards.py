"""Members and their cards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id, Serial
from wallet_service.db.tables.programs import ProgramRow

ACTIVE, LEFT = "active", "left"


class Member(Base):
    """A person, often without a name; everything personal stands here and nowhere else."""

    __tablename__ = "member"

    id: Mapped[Id]
    name: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    source: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Card(Base):
    """One member's card with its projection of the ledger.

    `version` grows by one with every change of what the card shows; it is what wallets are told about.
    """

    __tablename__ = "card"
    __table_args__ = (CheckConstraint("status IN ('active', 'left')", name="status"),)

    id: Mapped[Id]
    serial: Mapped[Serial] = mapped_column(unique=True)  # P3: never used again
    program_id: Mapped[int] = mapped_column(BigId, ForeignKey("program.id"), index=True)
    member_id: Mapped[int] = mapped_column(BigId, ForeignKey("member.id"), index=True)
    number: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16), default=ACTIVE)
    version: Mapped[int] = mapped_column(default=1)
    balance: Mapped[int] = mapped_column(default=0)
    status_points: Mapped[int] = mapped_column(default=0)
    endowed: Mapped[int] = mapped_column(default=0)
    gained: Mapped[int] = mapped_column(default=0)
    last_kind: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    program: Mapped[ProgramRow] = relationship()
    member: Mapped[Member] = relationship()


class CardNumber(Base):
    """What a till may read; old numbers stay as aliases of their card."""

    __tablename__ = "card_number"

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), index=True)
    created_at: Mapped[datetime]
