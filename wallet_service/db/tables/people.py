"""Who works here, what machines may call, and the guard against guessing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_service.db.tables.base import Base, Id


class Staff(Base):
    """A person who works here. The PIN is kept as an Argon2 hash only."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('cashier', 'admin')", name="role"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    pin_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class StaffAttempt(Base):
    """A wrong PIN, by address: the guard that survives a restart (S25)."""

    __tablename__ = "staff_attempt"
    __table_args__ = (Index("ix_staff_attempt_address_at", "address", "at"),)

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ApiKey(Base):
    """A machine's key: `prefix` finds it, `digest` is the SHA-256 of a 256-bit random secret."""

    __tablename__ = "api_key"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
