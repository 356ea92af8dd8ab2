"""What wallets have yet to hear, and what the operator has to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id
from wallet_service.db.tables.cards import Card
from wallet_service.domain.detail import with_facts


class Outbox(Base):
    """This wallet must hear of this card: a mark, not a message.

    Due when `told < wanted`, `due_at` has come and no lease runs. `wanted` is the card's version.
    After a telling the card keeps quiet until `quiet_until`, so that a burst makes two pushes.
    `priority`: 0 till, 1 member, 2 expiry, 9 campaign. `notify`: a person should notice the change.
    `raised_at` is since when it is due to be told, `request_id` the request that raised it last.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("card_id", "wallet"),
        Index(
            "ix_outbox_due",
            "wallet",
            "priority",
            "due_at",
            sqlite_where=text("told < wanted"),
            postgresql_where=text("told < wanted"),
        ),
    )

    id: Mapped[Id]
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"))
    wallet: Mapped[str] = mapped_column(String(16))
    wanted: Mapped[int]
    told: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    raised_at: Mapped[datetime | None]
    request_id: Mapped[str | None] = mapped_column(String(64))
    told_at: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=0)
    notify: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    tries: Mapped[int] = mapped_column(default=0)
    parked: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(Text)

    card: Mapped[Card] = relationship()


class Telling(Base):
    """One change on its way: queued, accepted by APNs or Google, listed by a phone, fetched by a phone.

    `version` is the card's when it was told; `phones` how many were woken for it; `delivery` the `apns-id` of
    the last of them (N9). Kept for a month.
    """

    __tablename__ = "telling"
    __table_args__ = (Index("ix_telling_card", "card_id", "wallet", "version"),)

    id: Mapped[Id]
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"))
    wallet: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    priority: Mapped[int]
    request_id: Mapped[str | None] = mapped_column(String(64))
    queued_at: Mapped[datetime]
    accepted_at: Mapped[datetime] = mapped_column(index=True)
    listed_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    phones: Mapped[int] = mapped_column(default=0)
    delivery: Mapped[str | None] = mapped_column(String(64))


class Alarm(Base):
    """Something only the operator can mend, shown in the office until it is gone. `mailed_at`: when they were
    told outside of the office; `facts`: what `detail` knows beside its words.
    """

    __tablename__ = "alarm"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def told(self) -> str:
        """A Detail where it was raised with one."""
        return with_facts(self.detail, self.facts)
