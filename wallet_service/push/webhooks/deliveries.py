"""Which tellings are due, and what became of them: claimed with a lease, repeated for about three days."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Update, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from wallet_service.db.tables import Webhook, WebhookDelivery, WebhookMessage
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import raise_alarm
from wallet_service.push.moments import is_over
from wallet_service.push.webhooks.asked_to_wait import asked_to_wait
from wallet_service.push.webhooks.caller import Answer

ALARM = "webhook"
UNWANTED = Detail("It answered 410: it wants no more.", "webhook/unwanted")
SILENT = Detail("It took nothing for three days.", "webhook/silent")
LEASE, SHORTEST_LEASE = timedelta(seconds=30), timedelta(seconds=15)
"""Longer than any call: what is being told is nobody else's to tell."""
RETRIES = (
    timedelta(seconds=10),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=10),
    timedelta(hours=20),
    timedelta(hours=28),
    timedelta(hours=40),
    timedelta(hours=48),
)
"""At most so long after each failure; the jitter halves it, which makes about three days in all."""
GIVEN_UP_AFTER = timedelta(days=3)
HOLDS = 2
"""Tries that the later news of the same card waits for."""
LOOKED_AT = 32
KEPT = timedelta(days=30)
SLICE = 200


@dataclass(frozen=True)
class Due:
    """One telling in somebody's hands."""

    id: int
    lease: str
    webhook_id: int
    url: str
    nonce: str
    uid: str
    body: str
    tries: int


def with_work(session: Session, now: datetime, lasting: timedelta = LEASE) -> Sequence[int]:
    """Addresses that are switched on and have something due."""
    due = exists().where(WebhookDelivery.webhook_id == Webhook.id, *_due(now, lasting))
    return session.scalars(select(Webhook.id).where(Webhook.disabled_at.is_(None), due)).all()


def claim(
    session: Session, webhook_id: int, most: int, now: datetime, lasting: timedelta = LEASE
) -> list[Due]:
    """The oldest first; of one card one at a time, so that its news arrive in their order. Only a message
    that failed more than a few times lets the later ones pass.
    """
    free = _free(session, webhook_id, now, lasting)[:most]
    rows = session.execute(
        select(WebhookDelivery, WebhookMessage, Webhook)
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.id.in_(free), Webhook.disabled_at.is_(None), *_due(now, lasting))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .with_for_update(of=WebhookDelivery, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    lease = secrets.token_hex(8)
    for delivery, _, _ in rows:
        delivery.lease_until, delivery.lease_token = now + lasting, lease
    return [_taken(delivery, message, webhook, lease) for delivery, message, webhook in rows]


def _taken(delivery: WebhookDelivery, message: WebhookMessage, webhook: Webhook, lease: str) -> Due:
    return Due(
        delivery.id, lease, webhook.id, webhook.url, webhook.nonce, message.uid, message.body, delivery.tries
    )


def _due(now: datetime, lasting: timedelta) -> tuple[ColumnElement[bool], ...]:
    return WebhookDelivery.due_at <= now, is_over(WebhookDelivery.lease_until, now, 2 * lasting)


def _free(session: Session, webhook_id: int, now: datetime, lasting: timedelta) -> list[int]:
    """Of the oldest that are due, those that wait for no other; the others line up behind what they wait for,
    so that they are not in the way.
    """
    seen = session.execute(
        select(WebhookDelivery.id, _earlier_of_the_card())
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .where(WebhookDelivery.webhook_id == webhook_id, *_due(now, lasting))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(LOOKED_AT)
    ).all()
    held = {delivery: earlier for delivery, earlier in seen if earlier is not None}
    _line_up(session, held)
    return [delivery for delivery, earlier in seen if earlier is None]


def _earlier_of_the_card() -> ScalarSelect[int | None]:
    before, told = aliased(WebhookDelivery), aliased(WebhookMessage)
    return (
        select(func.min(before.id))
        .join(told, told.id == before.message_id)
        .where(
            told.card_id == WebhookMessage.card_id,
            before.webhook_id == WebhookDelivery.webhook_id,
            before.id < WebhookDelivery.id,
            before.due_at.is_not(None),
            before.tries < HOLDS,
        )
        .correlate(WebhookDelivery, WebhookMessage)
        .scalar_subquery()
    )


def _line_up(session: Session, held: Mapping[int, int]) -> None:
    """What is told at this very moment is waited for where one stands."""
    first = select(WebhookDelivery.id, WebhookDelivery.due_at).where(
        WebhookDelivery.id.in_(held.values()), WebhookDelivery.lease_token.is_(None)
    )
    moments = {earlier: due_at for earlier, due_at in session.execute(first) if due_at is not None}
    for delivery, earlier in held.items():
        if earlier in moments:
            session.execute(_not_before(delivery, moments[earlier]))


def _not_before(delivery: int, moment: datetime) -> Update:
    return (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == delivery, WebhookDelivery.due_at < moment)
        .values(due_at=moment)
        .execution_options(synchronize_session=False)
    )


def settle(session: Session, due: Due, answer: Answer, now: datetime) -> None:
    """What was taken is taken, whoever holds the lease by now; a failure counts only for the one who does."""
    ours = WebhookDelivery.id == due.id
    if not answer.taken:
        ours &= WebhookDelivery.lease_token == due.lease
    next_try = None if answer.taken or answer.unwanted else _next_try(due.tries, answer, now)
    written = session.execute(
        update(WebhookDelivery)
        .where(ours)
        .values(
            due_at=next_try,
            tries=due.tries + 1,
            lease_until=None,
            lease_token=None,
            delivered_at=now if answer.taken else None,
            tried_at=now,
            last_status=answer.status,
            last_error=None if answer.taken else answer.said,
        )
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    if written.first() is not None and not answer.taken and next_try is None:
        _gave_up(session, due.webhook_id, answer, now)


def _next_try(tries: int, answer: Answer, now: datetime) -> datetime | None:
    """Full jitter, so that a receiver that comes back is not overrun; None: given up."""
    if tries >= len(RETRIES):
        return None
    jitter = timedelta(seconds=1 + secrets.randbelow(int(RETRIES[tries].total_seconds())))
    return now + max(jitter, asked_to_wait(answer, now))


def _gave_up(session: Session, webhook_id: int, answer: Answer, now: datetime) -> None:
    """One message that nobody takes is given up alone; where nothing was taken for days, the address is
    switched off. What waits stays, and goes out when it is switched on again.
    """
    if answer.unwanted:
        _switch_off(session, webhook_id, UNWANTED, now)
    elif not _taken_since(session, webhook_id, now - GIVEN_UP_AFTER):
        _switch_off(session, webhook_id, SILENT, now)


def _taken_since(session: Session, webhook_id: int, since: datetime) -> bool:
    taken = select(WebhookDelivery.id).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.delivered_at >= since
    )
    return session.scalar(taken.order_by(WebhookDelivery.id.desc()).limit(1)) is not None


def _switch_off(session: Session, webhook_id: int, why: Detail, now: datetime) -> None:
    webhook = session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None or webhook.disabled_at is not None:
        return
    webhook.disabled_at = now
    remedy = "It was switched off. Mend it and switch it on again on the page Webhooks in the office."
    raise_alarm(session, ALARM, webhook.name, Detail(f"{why} {remedy}", "webhook/off", why=why), now)


def forget_old(session: Session, now: datetime) -> int:
    """A slice of what is older than a month, told or not; answers how many, less than a slice when done."""
    old = select(WebhookMessage.id).where(WebhookMessage.created_at < now - KEPT).order_by(WebhookMessage.id)
    gone = session.scalars(old.limit(SLICE)).all()
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.message_id.in_(gone)))
    session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(gone)))
    return len(gone)
