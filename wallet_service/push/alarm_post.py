"""Tells of alarms outside of the office: once when they are raised, and once when they are over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_, select, update

from wallet_service.db.session import Sessions
from wallet_service.db.tables import Alarm

log = logging.getLogger(__name__)

FLAPS = timedelta(minutes=15)  # what comes and goes is told again no sooner


@dataclass(frozen=True)
class News:
    """`told_before`: when this alarm was told of last."""

    id: int
    kind: str
    subject: str
    detail: str
    raised_at: datetime
    cleared_at: datetime | None
    told_before: datetime | None

    @property
    def over(self) -> bool:
        return self.cleared_at is not None

    @property
    def headline(self) -> str:
        return f"{'Over' if self.over else 'Alarm'}: {self.kind} ({self.subject})"


class NotTaken(Exception):
    """A sentence without secrets: why somebody did not take the news."""


class Post(Protocol):
    """One way to the operator; `send` raises NotTaken."""

    @property
    def name(self) -> str: ...

    def send(self, news: News) -> None: ...


def tell(sessions: Sessions, posts: Sequence[Post], now: datetime) -> None:
    """Of several workers one tells. News that nobody took are told again next time."""
    if not posts or not _is_any(sessions, now):
        return
    for news in _claimed(sessions, now):
        taken = [_taken(post, news) for post in posts]
        if not any(taken):
            _give_back(sessions, news)


def _untold(now: datetime) -> ColumnElement[bool]:
    again = and_(Alarm.mailed_at < Alarm.raised_at, Alarm.mailed_at <= now - FLAPS)
    raised = and_(Alarm.cleared_at.is_(None), or_(Alarm.mailed_at.is_(None), again))
    over = and_(Alarm.mailed_at < Alarm.cleared_at, Alarm.mailed_at >= Alarm.raised_at)
    return or_(raised, over)


def _is_any(sessions: Sessions, now: datetime) -> bool:
    with sessions.read() as session:
        return session.scalar(select(Alarm.id).where(_untold(now)).limit(1)) is not None


def _claimed(sessions: Sessions, now: datetime) -> Sequence[News]:
    with sessions.begin(in_quarantine=True) as session:
        wanted = select(Alarm).where(_untold(now)).order_by(Alarm.id).with_for_update(skip_locked=True)
        found = []
        for row in session.scalars(wanted):
            found.append(_news(row))
            row.mailed_at = now
    return found


def _news(row: Alarm) -> News:
    return News(row.id, row.kind, row.subject, row.detail, row.raised_at, row.cleared_at, row.mailed_at)


def _taken(post: Post, news: News) -> bool:
    try:
        post.send(news)
    except NotTaken as error:
        log.error("the alarm could not be told by %s: %s", post.name, error)
        return False
    return True


def _give_back(sessions: Sessions, news: News) -> None:
    with sessions.begin(in_quarantine=True) as session:
        session.execute(update(Alarm).where(Alarm.id == news.id).values(mailed_at=news.told_before))
