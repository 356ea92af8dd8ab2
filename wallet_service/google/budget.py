"""Which changes may make a phone ring: three in 24 hours a card, the best news first (G27)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wallet_service.db.tables import GoogleNotice
from wallet_service.domain.progress import Stage

ALLOWED, WINDOW = 3, timedelta(hours=24)


class Worth(IntEnum):
    """How many notices may have been used before this one: so the last is kept for a reward that is ready,
    the last but one for a card that is one step away.
    """

    SILENT = 0
    EARNED = 1
    ONE_TO_GO = 2
    READY = 3


WORTH = {
    Stage.READY: Worth.READY,
    Stage.REACHED: Worth.READY,
    Stage.NEAR: Worth.ONE_TO_GO,
    Stage.ONE_STEP: Worth.ONE_TO_GO,
    Stage.JOINED: Worth.SILENT,
}


def worth_of(stage: Stage) -> Worth:
    return WORTH.get(stage, Worth.EARNED)


def allows(worth: Worth, used: Sequence[datetime], now: datetime) -> bool:
    return sum(at > now - WINDOW for at in used) < worth


def used(session: Session, card_ids: Collection[int], now: datetime) -> Mapping[int, Sequence[datetime]]:
    """When each card rang within the last 24 hours, oldest first; messages and updates together."""
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    rows = session.execute(
        select(GoogleNotice.card_id, GoogleNotice.at)
        .where(GoogleNotice.card_id.in_(card_ids), GoogleNotice.granted)
        .where(GoogleNotice.at > now - WINDOW, GoogleNotice.at <= now)  # later: the clock was set back
        .order_by(GoogleNotice.at)
    )
    for card_id, at in rows:
        found[card_id].append(at)
    return found


def note(session: Session, card_id: int, now: datetime, *, granted: bool) -> None:
    """Kept for the shop's eyes too: a wish that was not granted explains why a phone stayed silent."""
    session.add(GoogleNotice(card_id=card_id, at=now, granted=granted))


def spent(session: Session, card_id: int, now: datetime) -> None:
    """Google says that the allowance is used up: ours is empty until its oldest use is a day old."""
    known = used(session, [card_id], now).get(card_id, [])
    oldest = known[0] if known else now
    for _ in range(ALLOWED - len(known)):
        session.add(GoogleNotice(card_id=card_id, at=oldest, granted=True))


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(GoogleNotice).where(GoogleNotice.at < now - 7 * WINDOW))
