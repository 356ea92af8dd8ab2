"""A manager lets a system of the shop hear what happens, looks at how that goes, and mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from wallet_service.actions import audit
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Webhook, WebhookDelivery
from wallet_service.domain.errors import Conflict, Invalid, NotFound
from wallet_service.domain.people_errors import BadName, NameTaken
from wallet_service.domain.plain import one_line
from wallet_service.push.alarms import clear_alarm
from wallet_service.push.webhooks import address, messages, signing
from wallet_service.push.webhooks.deliveries import ALARM
from wallet_service.push.webhooks.drain import MOST_ADDRESSES

LONGEST_NAME = 64


class UnknownWebhook(NotFound):
    slug, title = "unknown-webhook", "No such webhook"


class TooManyWebhooks(Conflict):
    slug, title = "too-many-webhooks", "There are too many webhooks"


class WebhookIsOff(Conflict):
    slug, title = "webhook-is-off", "The webhook is switched off"


@dataclass(frozen=True)
class Added:
    """The secret is shown this once: it is kept nowhere."""

    id: int
    secret: str


@dataclass(frozen=True)
class Keeper:
    """Who does it, and what only the settings know. `keys[0]` makes the secrets of receivers."""

    actor: str
    keys: Sequence[str]
    sandbox: bool
    entropy: Callable[[int], bytes]


def add_webhook(
    session: Session, keeper: Keeper, *, name: str, url: str, events: Sequence[str], now: datetime
) -> Added:
    """No `events`: all of them. BadAddress for one that we do not call."""
    row = Webhook(
        name=_name(session, name),
        url=address.checked(url.strip(), sandbox=keeper.sandbox),
        events=_events(events),
        nonce=keeper.entropy(signing.NONCE_BYTES).hex(),
        created_at=now,
    )
    session.add(row)
    session.flush()
    _audit(session, keeper.actor, "webhook-added", row, now)
    return Added(row.id, signing.secret_of(keeper.keys[0], row.nonce))


def renew_secret(session: Session, keeper: Keeper, *, webhook: int, now: datetime) -> str:
    """The old one ends at once; what is not taken until the receiver has the new one is sent again."""
    row = find(session, webhook)
    row.nonce = keeper.entropy(signing.NONCE_BYTES).hex()
    _audit(session, keeper.actor, "webhook-secret", row, now)
    return signing.secret_of(keeper.keys[0], row.nonce)


def switch_off(session: Session, *, webhook: int, actor: str, now: datetime) -> None:
    """What happens from now on is not kept for it; what waits stays."""
    row = find(session, webhook)
    row.disabled_at = row.disabled_at or now
    _audit(session, actor, "webhook-off", row, now)


def switch_on(session: Session, *, webhook: int, actor: str, now: datetime) -> None:
    """What waits goes out at once."""
    row = find(session, webhook)
    row.disabled_at = None
    clear_alarm(session, ALARM, row.name, now)
    waiting = (WebhookDelivery.webhook_id == row.id, WebhookDelivery.due_at > now)
    session.execute(update(WebhookDelivery).where(*waiting).values(due_at=now))
    session.info[WAKE] = True
    _audit(session, actor, "webhook-on", row, now)


def remove(session: Session, *, webhook: int, actor: str, now: datetime) -> None:
    """With its log. A message that goes out at this moment may still arrive."""
    row = session.scalar(select(Webhook).where(Webhook.id == webhook).with_for_update())
    if row is None:
        raise _unknown()
    clear_alarm(session, ALARM, row.name, now)
    _audit(session, actor, "webhook-removed", row, now)
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == row.id))
    session.execute(delete(Webhook).where(Webhook.id == row.id))


def send_test(session: Session, *, webhook: int, now: datetime) -> None:
    """An event that means nothing, so that somebody who connects a system sees it arrive."""
    row = _switched_on(session, webhook)
    messages.tell(session, messages.TEST, {"webhook": row.name}, [row.id], now=now)


def resend(session: Session, *, webhook: int, delivery: int, now: datetime) -> None:
    """The same message once more, with all its tries."""
    _switched_on(session, webhook)
    row = session.get(WebhookDelivery, delivery)
    if row is None or row.webhook_id != webhook:
        raise _unknown()
    row.due_at, row.tries, row.delivered_at = now, 0, None
    row.lease_until = row.lease_token = None
    session.info[WAKE] = True


def find(session: Session, webhook: int) -> Webhook:
    row = session.get(Webhook, webhook)
    if row is None:
        raise _unknown()
    return row


def all_webhooks(session: Session) -> Sequence[tuple[Webhook, int]]:
    """By name, each with how many messages wait for it."""
    waiting = (
        select(func.count())
        .where(WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.due_at.is_not(None))
        .scalar_subquery()
    )
    return [
        (row, int(count)) for row, count in session.execute(select(Webhook, waiting).order_by(Webhook.name))
    ]


def last_deliveries(session: Session, webhook: int, most: int) -> Sequence[WebhookDelivery]:
    """The newest message first."""
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook)
        .options(joinedload(WebhookDelivery.message))
        .order_by(WebhookDelivery.id.desc())
        .limit(most)
    )
    return session.scalars(query).all()


def _switched_on(session: Session, webhook: int) -> Webhook:
    row = find(session, webhook)
    if row.disabled_at is not None:
        raise WebhookIsOff("This webhook is switched off. Switch it on first.")
    return row


def _name(session: Session, given: str) -> str:
    name = one_line(given, LONGEST_NAME)
    if not name:
        raise BadName(f"Give the webhook a name of 1 to {LONGEST_NAME} characters.")
    if session.scalar(select(Webhook.id).where(Webhook.name == name)) is not None:
        raise NameTaken(f"There is a webhook named {name} already. Choose another name.", name=name)
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST_ADDRESSES:
        raise TooManyWebhooks(f"There are {MOST_ADDRESSES} webhooks already.", most=MOST_ADDRESSES)
    return name


def _events(asked: Sequence[str]) -> list[str] | None:
    if unknown := [one for one in asked if one not in messages.EVENTS]:
        known = ", ".join(messages.EVENTS)
        raise Invalid(f"There is no event {unknown[0][:32]}. There are: {known}.")
    return [one for one in messages.EVENTS if one in asked] or None


def _audit(session: Session, actor: str, verb: str, row: Webhook, now: datetime) -> None:
    """The address may hold a secret of the receiver's, and stays out."""
    audit.write(session, actor, verb, f"webhook:{row.id}", {"name": row.name, "events": row.events}, now)


def _unknown() -> UnknownWebhook:
    return UnknownWebhook("There is no such webhook.")
