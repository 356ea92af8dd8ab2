"""Whom the shop's own systems have us tell, what was told, and how that went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id


class Webhook(Base):
    """An address that hears of events. `events` are their types; None: all. The secret that signs is derived
    from the service's own and `nonce`, and is kept nowhere. `disabled_at`: by hand, or after days of failing.
    """

    __tablename__ = "webhook"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    nonce: Mapped[str] = mapped_column(String(32))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """One thing that happened, in the transaction in which it did. `uid` is the `webhook-id` of every
    telling; `body` is sent byte for byte.
    """

    __tablename__ = "webhook_message"

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(32))
    card_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("card.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class WebhookDelivery(Base):
    """This address must hear of this message: due while it is neither delivered nor given up."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "webhook_id"),
        Index(
            "ix_webhook_delivery_due",
            "webhook_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("webhook_message.id"))
    webhook_id: Mapped[int] = mapped_column(BigId, ForeignKey("webhook.id"), index=True)
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    delivered_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(Text)

    message: Mapped[WebhookMessage] = relationship()
    webhook: Mapped[Webhook] = relationship()
