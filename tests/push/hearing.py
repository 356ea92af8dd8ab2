"""A shop whose own system listens: the receiver, the worker's loop, and what lies in between."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from tests.services.receiver import Receiver
from tests.shop import Shop
from wallet_service.actions import webhooks
from wallet_service.actions.webhooks import Keeper
from wallet_service.db.tables import Webhook, WebhookDelivery, WebhookMessage
from wallet_service.push.webhooks import deliveries
from wallet_service.push.webhooks.caller import Caller
from wallet_service.push.webhooks.drain import Drain
from wallet_service.wiring import utc_now

MANAGER = "staff:2"


@dataclass
class Hearing:
    shop: Shop
    receiver: Receiver
    drain: Drain

    def listen(self, name: str = "crm", *events: str, url: str | None = None) -> int:
        """The receiver is given the secret, as somebody would who connects the two."""
        services = self.shop.services
        with services.sessions.begin() as session:
            added = webhooks.add_webhook(
                session,
                keeper(self.shop),
                name=name,
                url=url or self.receiver.url(name),
                events=events,
                now=self.shop.clock(),
            )
        self.receiver.turn(name, secret=added.secret)
        return added.id

    def told(self) -> list[str]:
        """The types of what was written down to be told, in their order."""
        return [message["type"] for message in written(self.shop)]

    def deliveries(self) -> Sequence[WebhookDelivery]:
        with self.shop.services.sessions.read() as session:
            return session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()

    def is_off(self, webhook: int) -> bool:
        with self.shop.services.sessions.read() as session:
            return session.get_one(Webhook, webhook).disabled_at is not None

    def until(self, moment: datetime, step: timedelta = timedelta(minutes=20)) -> None:
        """Time goes by, and the worker works."""
        while self.shop.clock.now < moment:
            self.shop.clock.now = min(self.shop.clock.now + step, moment)
            self.drain.run_until_idle()


def listen(shop: Shop, *events: str) -> None:
    """Somebody asked for this; nobody is told yet."""
    with shop.services.sessions.begin() as session:
        url, now = "https://hooks.example.com/", shop.clock()
        webhooks.add_webhook(session, keeper(shop), name="crm", url=url, events=events, now=now)


def written(shop: Shop) -> list[dict[str, Any]]:
    """What is to be told, in its order."""
    with shop.services.sessions.read() as session:
        return [
            json.loads(body)
            for body in session.scalars(select(WebhookMessage.body).order_by(WebhookMessage.id))
        ]


def keeper(shop: Shop) -> Keeper:
    settings = shop.services.settings
    return Keeper(MANAGER, settings.secret_keys, settings.sandbox, shop.services.entropy)


def drain_of(shop: Shop, keys: Sequence[str] = (), lease: timedelta = deliveries.LEASE) -> Drain:
    """Receivers look at their own clock, whatever the shop's says."""
    settings = shop.services.settings
    return Drain(
        shop.services.sessions,
        Caller(sandbox=True),
        keys or settings.secret_keys,
        shop.clock,
        stamp=utc_now,
        lease=lease,
    )
