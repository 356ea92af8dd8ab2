"""What Google's part remembers: the issuer's lane, classes and objects as accepted, notices, callbacks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id
from wallet_service.db.tables.cards import Card


class GoogleIssuer(Base):
    """One issuer account: its circuit, and the lane that only one worker at a time may drive (G25).

    While `circuit_open_since` is set nothing is sent but a probe from `probe_at` on. `guest_at` is when the
    next call beside the lane may go out; `refused` names the fields that Google does not allow us.
    """

    __tablename__ = "google_issuer"

    issuer_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    lane_holder: Mapped[str | None] = mapped_column(String(32))
    lane_until: Mapped[datetime | None]
    guest_at: Mapped[datetime | None]
    circuit_open_since: Mapped[datetime | None]
    circuit_reason: Mapped[str | None] = mapped_column(String(300))
    probe_at: Mapped[datetime | None]
    refused: Mapped[str | None] = mapped_column(String(200))


class GoogleClass(Base):
    """A program's class; `accepted` is the hash of the last body that Google took (G12)."""

    __tablename__ = "google_class"

    class_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    program_id: Mapped[int] = mapped_column(BigId, ForeignKey("program.id"), index=True)
    accepted: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime | None]


class GoogleCard(Base):
    """A card as Google sees it: `accepted` is the hash of the last body taken, of `accepted_version`.

    `has_users` is Google's own word; saves and removals are hints of the callback (G34).
    """

    __tablename__ = "google_card"

    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    object_id: Mapped[str] = mapped_column(String(128), unique=True)
    inserted_at: Mapped[datetime | None]
    accepted: Mapped[str | None] = mapped_column(String(64))
    accepted_version: Mapped[int] = mapped_column(default=0)
    picture: Mapped[str | None] = mapped_column(String(64))
    has_users: Mapped[bool | None]
    saved_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]

    card: Mapped[Card] = relationship()


class GoogleNotice(Base):
    """A change that a person was to notice, for the budget of three in 24 hours (G27)."""

    __tablename__ = "google_notice"
    __table_args__ = (Index("ix_google_notice_card_at", "card_id", "at"),)

    id: Mapped[Id]
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"))
    at: Mapped[datetime]
    granted: Mapped[bool]


class GoogleCallback(Base):
    """A verified callback, once per nonce (G33)."""

    __tablename__ = "google_callback"

    nonce: Mapped[str] = mapped_column(String(128), primary_key=True)
    class_id: Mapped[str] = mapped_column(String(128))
    object_id: Mapped[str] = mapped_column(String(128))
    event: Mapped[str] = mapped_column(String(8))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime]
