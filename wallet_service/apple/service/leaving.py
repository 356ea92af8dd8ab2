"""A member is forgotten: once the phones have shown the empty card, nothing is kept of them either."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from wallet_service.apple.service import devices
from wallet_service.db import queries
from wallet_service.db.tables import ApplePass, Card, Erasure, Outbox, Registration

FETCHED_OR = timedelta(days=7)  # a phone that was told and did not come
AT_LAST = timedelta(days=30)  # nor could be told
SLICE = 200


def forget_phones(session: Session, now: datetime) -> int:
    """How many cards; afterwards a phone that asks for one is answered as a stranger is (W4)."""
    told = (Outbox.told >= Outbox.wanted) & or_(
        ApplePass.served_version >= Card.version, Erasure.at < now - FETCHED_OR
    )
    done_with = (
        select(Card.id, Card.serial)
        .join(Erasure, Erasure.serial == Card.serial)
        .join(ApplePass, ApplePass.card_id == Card.id)
        .join(Outbox, (Outbox.card_id == Card.id) & (Outbox.wallet == devices.WALLET))
        .where(or_(told, Erasure.at < now - AT_LAST))
        .order_by(Card.id)
        .limit(SLICE)
    )
    found = session.execute(done_with).all()
    for card_id, serial in found:
        queries.card_for_update(session, serial)
        phones = select(Registration.device_id).where(Registration.card_id == card_id)
        for device_id in session.scalars(phones).all():
            devices.remove(session, device_id, card_id, now)
        session.execute(delete(ApplePass).where(ApplePass.card_id == card_id))
    return len(found)
