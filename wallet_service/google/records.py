"""Writes down what became of deliveries, and says what that means for the mark."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import GoogleCard
from wallet_service.google import budget, issuer
from wallet_service.google.answers import Answer, Verdict
from wallet_service.google.classes import PERMANENT
from wallet_service.google.delivery import Delivery
from wallet_service.push.wallet import Outcome, Result

CLASS_AGAIN = timedelta(minutes=10)
PICTURE_AGAIN, SOON = timedelta(seconds=6), 5  # so often so soon: longer than a look in vain is believed
SLOW_DOWN = 10  # seconds at most, with jitter, where Google names none


def write(session: Session, issuer_id: str, deliveries: Sequence[Delivery], now: datetime) -> None:
    """In one transaction, before the outbox hears of it: a crash between the two repeats a call, no more."""
    rows = _rows(session, [delivery.sending.card_id for delivery in deliveries])
    for delivery in deliveries:
        if row := rows.get(delivery.sending.card_id):
            _write_card(row, delivery, now)
        _write_notices(session, delivery, now)
        if delivery.refused:
            said = delivery.answer.told
            issuer.remember_refused(session, issuer_id, delivery.refused, said, now)
    trouble = next((one for one in deliveries if one.answer.verdict is Verdict.CREDENTIAL), None)
    if trouble is not None:
        issuer.open_circuit(session, issuer_id, trouble.answer.told, now)


def _rows(session: Session, card_ids: Sequence[int]) -> Mapping[int, GoogleCard]:
    """Locked in one order, so that nobody waits in a circle."""
    wanted = select(GoogleCard).where(GoogleCard.card_id.in_(card_ids)).order_by(GoogleCard.card_id)
    return {row.card_id: row for row in session.scalars(wanted.with_for_update())}


def outcome(delivery: Delivery, tries: int, now: datetime) -> Outcome:
    if delivery.accepted is not None:
        return _told(delivery, tries, now)
    if delivery.class_fault:
        return of_class(delivery.answer, now)
    return _trouble(delivery.answer, now)


def of_class(answer: Answer, now: datetime) -> Outcome:
    """The card itself is not at fault: it waits for its class, which has an alarm of its own."""
    if answer.verdict in PERMANENT:
        return Outcome(Result.LATER, due=now + CLASS_AGAIN, error=f"The class: {answer.told}", waited=True)
    return _trouble(answer, now)


def _trouble(answer: Answer, now: datetime) -> Outcome:
    match answer.verdict:
        case verdict if verdict in PERMANENT:
            return Outcome(Result.PARKED, error=answer.told)
        case Verdict.CREDENTIAL:
            return Outcome(Result.LATER, due=now + issuer.PROBE_EVERY, error=answer.told, waited=True)
        case Verdict.SLOW_DOWN:
            seconds = answer.retry_after or 1 + secrets.randbelow(SLOW_DOWN)
            return Outcome(Result.LATER, due=now + timedelta(seconds=seconds), error=answer.told, waited=True)
        case _:
            return Outcome(Result.LATER, error=answer.told)


def _told(delivery: Delivery, tries: int, now: datetime) -> Outcome:
    """Without its picture the balance has landed, and the mark stays until the picture has too."""
    if delivery.picture_fault is None:
        return Outcome(Result.TOLD, phones=0 if delivery.has_users is False else 1)
    error = f"The balance is at Google, the picture is not: {delivery.picture_fault}"
    soon = now + PICTURE_AGAIN if tries < SOON else None  # perhaps we are just being restarted
    return Outcome(Result.LATER, due=soon, error=error)


def _write_card(row: GoogleCard, delivery: Delivery, now: datetime) -> None:
    """G24: an older version never takes the place of a newer one."""
    row.inserted_at = (row.inserted_at or now) if delivery.inserted else None
    if delivery.accepted is None or delivery.sending.version < row.accepted_version:
        return
    row.accepted, row.accepted_version = delivery.accepted, delivery.sending.version
    if delivery.has_users is not None:
        row.has_users = delivery.has_users


def _write_notices(session: Session, delivery: Delivery, now: datetime) -> None:
    card_id = delivery.sending.card_id
    if delivery.rang:
        budget.note(session, card_id, now, granted=True)
    elif delivery.denied:
        budget.note(session, card_id, now, granted=False)
    if delivery.budget_spent:
        budget.spent(session, card_id, now)
