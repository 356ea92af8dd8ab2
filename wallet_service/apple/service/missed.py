"""Phones that were told of a change and never came for it are woken once more (reliability: reconcile)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from wallet_service.apple.service.devices import WALLET
from wallet_service.db.tables import ApplePass, Card, Outbox, Registration, Telling
from wallet_service.push import outbox

AFTER = timedelta(hours=6)
AGAIN_AFTER = timedelta(days=1)
MOST_TIMES = 7
"""APNs itself keeps a push for so many days; a phone that does not come then is found by its 410."""
RECENT, ALL = timedelta(hours=18), timedelta(days=9)
SLICE = 100


@dataclass(frozen=True)
class Missed:
    """A telling that nobody came for."""

    id: int
    card_id: int
    accepted_at: datetime


def missed(
    session: Session, now: datetime, within: timedelta, after: Missed | None = None
) -> Sequence[Missed]:
    """The next ones, the oldest first: the newest version, told, and fetched by no phone for six hours; for
    a day where it was told more than once. `within`: how far back to look.
    """
    later, before = aliased(Telling), aliased(Telling)
    of_version = (
        before.card_id == Telling.card_id,
        before.wallet == WALLET,
        before.version == Telling.version,
    )
    times = select(func.count()).where(*of_version).correlate(Telling).scalar_subquery()
    fetched = exists().where(*of_version, before.fetched_at.is_not(None))
    newer = exists().where(later.card_id == Telling.card_id, later.wallet == WALLET, later.id > Telling.id)
    rows = session.execute(
        select(Telling.id, Telling.card_id, Telling.accepted_at)
        .join(Outbox, (Outbox.card_id == Telling.card_id) & (Outbox.wallet == WALLET))
        .where(
            Telling.wallet == WALLET,
            Telling.accepted_at < now - AFTER,
            Telling.accepted_at >= (after.accepted_at if after else now - within),
            tuple_(Telling.accepted_at, Telling.id) > _place(after) if after else true(),
            Telling.fetched_at.is_(None),
            Telling.version == Outbox.wanted,
            Outbox.told == Outbox.wanted,
            exists().where(Registration.card_id == Telling.card_id),
            ~newer,
            ~fetched,
            (times == 1) | ((times <= MOST_TIMES) & (Telling.accepted_at < now - AGAIN_AFTER)),
        )
        .order_by(Telling.accepted_at, Telling.id)
        .limit(SLICE)
    ).all()
    return [Missed(row.id, row.card_id, row.accepted_at) for row in rows]


def _place(after: Missed) -> ColumnElement[Any]:
    return tuple_(literal(after.accepted_at, Telling.accepted_at.type), literal(after.id))


def wake_again(session: Session, card_ids: Sequence[int], now: datetime) -> int:
    """One more push, behind everything else, and quietly; with a number of its own, so that a phone that
    listed the change and lost it is told of it again. Answers how many cards.
    """
    cards = session.execute(
        select(Card.id, Card.version)
        .where(Card.id.in_(card_ids))
        .order_by(Card.id)
        .with_for_update(key_share=True)
    ).all()
    for card in cards:
        row = session.get_one(ApplePass, card.id)
        row.numbered_version = 0
        outbox.tell_again(
            session,
            card_id=card.id,
            version=card.version,
            wallet=WALLET,
            now=now,
            priority=outbox.CAMPAIGN,
        )
    return len(cards)
