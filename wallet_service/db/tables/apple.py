"""What Apple's part remembers: passes, devices, registrations, and what phones complain about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id
from wallet_service.db.tables.cards import Card


class ApplePassType(Base):
    """One pass type identifier: its counter of changes and its circuit towards APNs.

    `epoch` names this life of the database, so that a tag of another life is known (W14, T9);
    `last_number` is the last change number given (T2). While `circuit_open_since` is set nothing is
    pushed but a probe from `probe_at` on.
    """

    __tablename__ = "apple_pass_type"

    identifier: Mapped[str] = mapped_column(String(128), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(16))
    last_number: Mapped[int] = mapped_column(default=0)
    circuit_open_since: Mapped[datetime | None]
    circuit_reason: Mapped[str | None] = mapped_column(String(200))
    probe_at: Mapped[datetime | None]


class ApplePass(Base):
    """A card as Apple sees it.

    `change_number` is its position in the list of changes, given by the worker for `numbered_version`
    of the card. `served_state` names the last state that was signed, `modified_at` is its Last-Modified
    (M1, M3), `served_version` the card's version in it (T7). `fetched_at`: when a phone last asked for it.
    """

    __tablename__ = "apple_pass"
    __table_args__ = (Index("ix_apple_pass_type_number", "pass_type", "change_number"),)

    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    pass_type: Mapped[str] = mapped_column(String(128), ForeignKey("apple_pass_type.identifier"))
    change_number: Mapped[int] = mapped_column(default=0)
    numbered_version: Mapped[int] = mapped_column(default=0)
    served_state: Mapped[str | None] = mapped_column(String(128))
    served_version: Mapped[int] = mapped_column(default=0)
    modified_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]

    card: Mapped[Card] = relationship()


class Device(Base):
    """A phone or watch. Library id and push token are secrets, never logged."""

    __tablename__ = "device"

    id: Mapped[Id]
    library_id: Mapped[str] = mapped_column(String(128), unique=True)
    push_token: Mapped[str] = mapped_column(String(512), index=True)
    token_set_at: Mapped[datetime]
    bad_token_answers: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Registration(Base):
    """This device wants news of this card (W1)."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("device_id", "card_id"), Index("ix_registration_card", "card_id"))

    id: Mapped[Id]
    device_id: Mapped[int] = mapped_column(BigId, ForeignKey("device.id"))
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"))
    registered_at: Mapped[datetime]

    device: Mapped[Device] = relationship()
    card: Mapped[Card] = relationship()


class PushPace(Base):
    """When a device was last pushed for a pass type, and how often: one push lists everything (N12).

    `told_number` is the change number up to which the device was woken: it need not be woken for less.
    `listed_number` is the number in the tag that it was last given, at `listed_at`.
    """

    __tablename__ = "push_pace"

    device_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("device.id"), primary_key=True, autoincrement=False
    )
    pass_type: Mapped[str] = mapped_column(String(128), primary_key=True)
    pushed_at: Mapped[datetime]
    pushes: Mapped[int] = mapped_column(default=0)
    told_number: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    listed_number: Mapped[int | None]


class DeviceLog(Base):
    """A line a phone sent to /v1/log, bounded and without control characters (S19). `kind` is what it
    complains about, as far as it could be read, `serial` the card of ours that it is about.
    """

    __tablename__ = "device_log"

    id: Mapped[Id]
    received_at: Mapped[datetime] = mapped_column(index=True)
    line: Mapped[str] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(32))
    serial: Mapped[str | None] = mapped_column(String(64), index=True)
