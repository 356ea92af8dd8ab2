"""Nobody is remembered for ever: who was away for long is warned, and then forgotten; old answers go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from wallet_service.actions.erase import RETENTION, erase
from wallet_service.db import queries
from wallet_service.db.tables import Card, LedgerEntry, Member, Operation
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.push import outbox

NOTICE = timedelta(days=30)
MONTH = timedelta(days=30.44)
ANSWERS = timedelta(hours=72)
BY_ITSELF = ("expire",)  # what is booked without anybody coming by
SLICE = 100
PAGE = 1_000


def idle(session: Session, months: int, now: datetime, after: int = 0) -> tuple[Sequence[str], int | None]:
    """Of the next members after that one: one card of each who was away for so long and was not warned yet.
    Answers also after whom to go on, None when that were all: nobody looks at a million in one statement.
    """
    following = select(Member.id).where(Member.id > after).order_by(Member.id).limit(PAGE)
    page = session.scalars(following).all()
    if not page:
        return (), None
    query = select(func.min(Card.serial)).join(Member, Member.id == Card.member_id)
    query = query.where(Member.id > after, Member.id <= page[-1], _away(now - months * MONTH))
    query = query.where(Card.status == ACTIVE, Member.warned_at.is_(None))
    return session.scalars(query.group_by(Card.member_id)).all(), page[-1]


def warn(session: Session, serial: str, wallets: tuple[str, ...], now: datetime) -> None:
    """The card itself says it, and the phone shows a notice."""
    card = queries.card_for_update(session, serial)
    card.member.warned_at = now
    card.version, card.changed_at = card.version + 1, now
    outbox.card_changed(
        session,
        card_id=card.id,
        version=card.version,
        wallets=wallets,
        now=now,
        priority=outbox.CAMPAIGN,
    )


def overdue(session: Session, now: datetime) -> Sequence[str]:
    """Whose notice has run out, whether or not they came by since."""
    query = select(func.min(Card.serial)).join(Member, Member.id == Card.member_id)
    query = query.where(Card.status == ACTIVE, Member.warned_at < now - NOTICE)
    return session.scalars(query.group_by(Card.member_id).limit(SLICE)).all()


def conclude(session: Session, serial: str, wallets: tuple[str, ...], now: datetime) -> bool:
    """True when they were forgotten; who came by after the notice is not."""
    card = queries.card_for_update(session, serial)
    warned = card.member.warned_at
    if warned is None:
        return False
    if _came_by(session, card.member_id, warned):
        card.member.warned_at = None
        card.version, card.changed_at = card.version + 1, now
        return False
    erase(session, card=serial, wallets=wallets, now=now, reason=RETENTION)
    return True


def drop_answers(session: Session, after: int, now: datetime) -> tuple[int, bool]:
    """What machines were told, of the next operations after that one; the operations themselves stay for
    ever. Answers where to go on, and whether there is more.
    """
    old = select(Operation.id).where(Operation.id > after, Operation.made_at < now - ANSWERS)
    page = session.scalars(old.order_by(Operation.id).limit(PAGE)).all()
    if not page:
        return after, False
    told = update(Operation).where(Operation.id.in_(page), Operation.answer.is_not(None))
    session.execute(told.values(answer=None))
    return page[-1], len(page) == PAGE


def _away(since: datetime) -> ColumnElement[bool]:
    """No card of theirs was taken or used since."""
    other, line = aliased(Card), LedgerEntry
    young = exists().where(other.member_id == Member.id, other.created_at >= since)
    used = exists().where(
        line.card_id == other.id,
        other.member_id == Member.id,
        line.recorded_at >= since,
        line.kind.not_in(BY_ITSELF),
    )
    return ~or_(young, used)


def _came_by(session: Session, member_id: int, since: datetime) -> bool:
    line = select(LedgerEntry.id).join(Card, Card.id == LedgerEntry.card_id)
    line = line.where(
        Card.member_id == member_id, LedgerEntry.recorded_at > since, LedgerEntry.kind.not_in(BY_ITSELF)
    )
    return session.scalar(line.limit(1)) is not None
