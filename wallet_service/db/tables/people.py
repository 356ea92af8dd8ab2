"""Who works here, what machines may call, and the guard against guessing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_service.db.tables.base import Base, BigId, Id


class Staff(Base):
    """A person who works here. The PIN is kept as an Argon2 hash only.

    `own_card_id` is the card that they carry as a member, which they do not serve themselves.
    `second_factor`: a nonce out of which the key of their authenticator app is derived; None: they have none.
    """

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('cashier', 'admin')", name="role"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    pin_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    own_card_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("card.id"))
    second_factor: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]


class StaffAttempt(Base):
    """A wrong PIN, by address: the guard that survives a restart (S25)."""

    __tablename__ = "staff_attempt"
    __table_args__ = (Index("ix_staff_attempt_address_at", "address", "at"),)

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ApiKey(Base):
    """A machine's key: `prefix` finds it, `digest` is the SHA-256 of a 256-bit random secret.

    `scopes` are words of "read book manage". `store`: books there and nowhere else. `used_at` is exact to
    some minutes.
    """

    __tablename__ = "api_key"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    scopes: Mapped[str] = mapped_column(String(64), default="read book manage")
    store: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
