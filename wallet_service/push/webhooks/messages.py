"""Something happened: written down for each address that asked for it, in the transaction in which it did."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.missing import insert_missing
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Webhook, WebhookDelivery, WebhookMessage

UID_BYTES = 12
EVENTS = (
    "card.joined",
    "card.saved",
    "card.removed",
    "purchase.booked",
    "redemption.booked",
    "entry.reversed",
    "entry.refunded",
    "reward.ready",
    "tier.changed",
)
TEST = "webhook.test"
"""Sent when a manager tries an address, whatever it asked for."""

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# their keys are shared with whoever else writes, so that none goes away before its delivery is written
LISTENING = (
    select(Webhook.id, Webhook.events)
    .where(Webhook.disabled_at.is_(None))
    .order_by(Webhook.id)
    .with_for_update(read=True, key_share=True)
)


def happened(
    session: Session,
    kind: str,
    data: Mapping[str, Any],
    *,
    now: datetime,
    card_id: int | None = None,
    uid: str | None = None,
) -> None:
    """Tells nobody yet, and writes nothing where nobody asked. A `uid` of one's own happens once."""
    wanting = [
        webhook_id for webhook_id, events in session.execute(LISTENING) if events is None or kind in events
    ]
    if wanting:
        tell(session, kind, data, wanting, now=now, card_id=card_id, uid=uid)


def tell(
    session: Session,
    kind: str,
    data: Mapping[str, Any],
    webhook_ids: Iterable[int],
    *,
    now: datetime,
    card_id: int | None = None,
    uid: str | None = None,
) -> None:
    """These addresses, each once a message."""
    name = uid or f"msg_{secrets.token_hex(UID_BYTES)}"
    body = COMPACT.encode({"type": kind, "timestamp": utc(now), "data": data})
    new = insert_missing(
        session, WebhookMessage, uid=name, type=kind, card_id=card_id, body=body, created_at=now
    )
    if not new:
        return
    message_id = session.scalars(select(WebhookMessage.id).where(WebhookMessage.uid == name)).one()
    session.add_all(
        WebhookDelivery(message_id=message_id, webhook_id=webhook_id, due_at=now)
        for webhook_id in webhook_ids
    )
    session.info[WAKE] = True


def utc(moment: datetime) -> str:
    """RFC 3339, as the machine API writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
