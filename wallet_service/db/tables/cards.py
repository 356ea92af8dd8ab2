"""Members and their cards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id, Serial
from wallet_service.db.tables.programs import ProgramRow

ACTIVE, LEFT = "active", "left"


class Member(Base):
    """A person, often without a name; everything personal stands here and nowhere else.

    `reference` is the shop's own name of the person, under which an import knows them again. `phone` is in
    E.164 form; `phone_tail` are its last four digits, by which a cashier finds the card. `birthday` is
    "1990-05-31". `warned_at`: when they were told that they will be forgotten, having been away for long.
    """

    __tablename__ = "member"

    id: Mapped[Id]
    name: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    source: Mapped[str | None] = mapped_column(String(64))
    reference: Mapped[str | None] = mapped_column(String(64), index=True)
    phone: Mapped[str | None] = mapped_column(String(16))
    phone_tail: Mapped[str | None] = mapped_column(String(4), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    birthday: Mapped[str | None] = mapped_column(String(10))
    warned_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Consent(Base):
    """What a member agreed to, or no longer does; append-only, the latest word of a purpose and channel
    counts. `text` names the wording that was shown, `channel` is "" where the purpose has none.
    """

    __tablename__ = "consent"

    id: Mapped[Id]
    member_id: Mapped[int] = mapped_column(BigId, ForeignKey("member.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16), default="")
    given: Mapped[bool]
    text: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Card(Base):
    """One member's card with its projection of the ledger.

    `version` grows by one with every change of what the card shows; it is what wallets are told about.
    `seq` and `head` are the last entry's number and hash. `balance` is the sum of all entries; `pending` is
    the part that cannot be spent yet, and whatever the clock changes next, it changes at `look_at`: before
    that moment balance and pending are exact, after it the open lots are asked. `idle_until`: when points
    burn that live as long as the card is used. `receipts` counts paid receipts that were not taken back.
    `carried` is the fraction of a point kept for the next visit. `goal` is the reward the member picked.
    A card that was merged into another has left, and `merged_into_id` says where its points went. A manager
    may block a card for a while: it keeps its points, and nothing is booked until `blocked_at` is None again.
    """

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'left')", name="status"),
        Index("ix_card_look_at", "look_at"),
        Index("ix_card_created_at", "created_at"),
    )

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
    seq: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64), default="")
    pending: Mapped[int] = mapped_column(default=0)
    look_at: Mapped[datetime | None]
    idle_until: Mapped[datetime | None]
    receipts: Mapped[int] = mapped_column(default=0)
    carried: Mapped[str] = mapped_column(String(64), default="0/1")
    goal: Mapped[str | None] = mapped_column(String(64))
    tier: Mapped[str | None] = mapped_column(String(64))
    tier_until: Mapped[datetime | None]
    paid_tier: Mapped[str | None] = mapped_column(String(64))
    paid_until: Mapped[datetime | None]
    earned_at: Mapped[datetime | None]
    earned_day: Mapped[str | None] = mapped_column(String(10))
    earned_today: Mapped[int] = mapped_column(default=0)
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("card.id"))
    blocked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    program: Mapped[ProgramRow] = relationship()
    member: Mapped[Member] = relationship()


class CardNumber(Base):
    """What a till may read; old numbers stay as aliases of their card. A number that was replaced because
    somebody else may have a picture of it is `retired_at` that moment: it still finds the card for the
    office, and opens nothing at a till.
    """

    __tablename__ = "card_number"

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), index=True)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
