"""Stores and the tills in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id, Slug
from wallet_service.db.tables.people import Staff


class Store(Base):
    """A place where people buy. `slug` is what the ledger writes down. `programs` are the slugs of those
    whose cards count here; None: all of them.
    """

    __tablename__ = "store"

    id: Mapped[Id]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(64))
    programs: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]


class FiscalDrive(Base):
    """A fiscal storage of the shop's own (`fn` of a receipt's code): no other shop's receipts earn."""

    __tablename__ = "fiscal_drive"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    store_id: Mapped[int] = mapped_column(BigId, ForeignKey("store.id"), index=True)
    created_at: Mapped[datetime]


class Till(Base):
    """A browser at a counter, let in once by a code from the office.

    `pairing` counts how often: the browser that was paired before is out. `pairing_digest` is the SHA-256 of
    the code that lets the next one in until `pairing_until`. A blocked till is refused at its next request.
    """

    __tablename__ = "till"
    __table_args__ = (UniqueConstraint("store_id", "name"),)

    id: Mapped[Id]
    store_id: Mapped[int] = mapped_column(BigId, ForeignKey("store.id"))
    name: Mapped[str] = mapped_column(String(64))
    pairing: Mapped[int] = mapped_column(default=0)
    pairing_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    pairing_until: Mapped[datetime | None]
    paired_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    store: Mapped[Store] = relationship()


class TillKey(Base):
    """The public half of a key that never leaves the till's browser (P-256, SPKI in base64): what was booked
    without a network is signed with it. Old keys stay, for what they have signed.
    """

    __tablename__ = "till_key"

    id: Mapped[Id]
    till_id: Mapped[int] = mapped_column(BigId, ForeignKey("till.id"), index=True)
    public_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]

    till: Mapped[Till] = relationship()


class Shift(Base):
    """Who stood at which till from when to when: an operation of an offline till names its operator, and
    counts only if that person was there. None of `ended_at`: still there.
    """

    __tablename__ = "shift"
    __table_args__ = (Index("ix_shift_till_id_staff_id", "till_id", "staff_id"),)

    id: Mapped[Id]
    till_id: Mapped[int] = mapped_column(BigId, ForeignKey("till.id"))
    staff_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    till: Mapped[Till] = relationship()
    staff: Mapped[Staff] = relationship()


class Audit(Base):
    """What people who work here looked up or changed beside the ledger; append-only. `detail` holds figures
    and slugs, never what a member said about themselves.
    """

    __tablename__ = "audit"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    verb: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
