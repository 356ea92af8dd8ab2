"""What an installation remembers of itself: which life of the database this is, whom it forgot, seals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from wallet_service.db.tables.base import Base, BigId, Id


class Installation(Base):
    """One row, `id` 1. `life` is drawn anew by each restore, so that a copy is known as a copy (S29).

    While `quarantined_at` is set nothing is booked and nothing leaves the building; `restored_from` is when
    the backup was taken. `seen_at` is the latest time that a worker saw: a clock that shows less was set
    back.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    life: Mapped[str] = mapped_column(String(32))
    quarantined_at: Mapped[datetime | None]
    restored_from: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Erasure(Base):
    """A card whose member was forgotten; kept beside the backups too: a restore forgets them again."""

    __tablename__ = "erasure"

    id: Mapped[Id]
    serial: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


class AuditSeal(Base):
    """The audit's chain: `hash` is over the hash before and the row it seals; append-only."""

    __tablename__ = "audit_seal"

    id: Mapped[Id]
    audit_id: Mapped[int] = mapped_column(BigId, ForeignKey("audit.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class RetiredKey(Base):
    """A secret key of before, locked with the newest; `name` says which, and nothing of it."""

    __tablename__ = "retired_key"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(16), unique=True)
    wrapped: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class JobTurn(Base):
    """The slot of time in which some worker did this job last: several workers take turns by it."""

    __tablename__ = "job_turn"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[datetime]
