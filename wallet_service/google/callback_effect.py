"""What a verified callback changes: what is known of the phone, once per nonce (G33, G34)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_service.actions import happenings
from wallet_service.db.tables import GoogleCallback, GoogleCard
from wallet_service.google.callback import SAVE, Event

KEPT_AFTER_EXPIRY = timedelta(days=1)  # then its own expiry turns a replay away


def apply(session: Session, event: Event, now: datetime) -> bool:
    """In the caller's transaction, nonce and effect together. False when it was there before.

    The order of save and removal cannot be known, so both only ask for a look at `hasUsers`; a removal
    never touches member or card.
    """
    if not _first_time(session, event, now):
        return False
    card = session.scalar(select(GoogleCard).where(GoogleCard.object_id == event.object_id).with_for_update())
    if card is None:
        return True
    if event.kind == SAVE:
        card.saved_at = now
        happenings.saved(session, card.card_id, "google", now)
    else:
        card.removed_at = now
        happenings.removed(session, card.card_id, "google", now)
    card.look_at = now
    return True


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(GoogleCallback).where(GoogleCallback.expires_at < now - KEPT_AFTER_EXPIRY))


def _first_time(session: Session, event: Event, now: datetime) -> bool:
    row = GoogleCallback(
        nonce=event.nonce,
        class_id=event.class_id,
        object_id=event.object_id,
        event=event.kind,
        expires_at=event.expires,
        received_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same letter, before or at this very moment
        return False
    return True
