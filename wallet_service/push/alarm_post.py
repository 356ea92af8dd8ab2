"""Tells of alarms outside of the office: once when they are raised, and once when they are over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_, select, update

from wallet_service.db.missing import insert_missing
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Alarm, JobTurn
from wallet_service.push.moments import is_over

log = logging.getLogger(__name__)

FLAPS = timedelta(minutes=15)  # what comes and goes is told again no sooner
TURN, HELD = "alarm post", timedelta(minutes=2)  # longer than one piece of news takes


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


@dataclass(frozen=True)
class Letter:
    """News in words that an operator reads."""

    headline: str
    body: str


Words = Callable[[News], Letter]


def plain(news: News) -> Letter:
    """In English, as the log has it."""
    since = f"since {news.raised_at:%Y-%m-%d %H:%M} UTC"
    if news.cleared_at is None:
        return Letter(news.headline, f"{news.detail}\n\n{news.kind}, {news.subject}, {since}.")
    until = f"{news.kind}, {news.subject}, {since}, over since {news.cleared_at:%Y-%m-%d %H:%M} UTC."
    over = "This is over, nothing more has to be done:"
    return Letter(news.headline, f"{over}\n\n{news.detail}\n\n{until}")


class NotTaken(Exception):
    """A sentence without secrets: why somebody did not take the news."""


class Post(Protocol):
    """One way to the operator; `send` raises NotTaken."""

    @property
    def name(self) -> str: ...

    def send(self, news: News) -> None: ...


def tell(sessions: Sessions, posts: Sequence[Post], now: datetime) -> None:
    """Of several workers one tells; where it dies, another goes on after a while. Written down once it was
    taken, so that news that nobody took are told again next time, and none is lost.
    """
    if not posts or not _is_any(sessions, now) or not _has_turn(sessions, now):
        return
    began = monotonic()
    for news in _news(sessions, now):
        taken = [_taken(post, news) for post in posts]
        _write(sessions, news if any(taken) else None, now, timedelta(seconds=monotonic() - began))
    _leave(sessions, now)


def _untold(now: datetime) -> ColumnElement[bool]:
    again = and_(Alarm.mailed_at < Alarm.raised_at, Alarm.mailed_at <= now - FLAPS)
    raised = and_(Alarm.cleared_at.is_(None), or_(Alarm.mailed_at.is_(None), again))
    over = and_(Alarm.mailed_at < Alarm.cleared_at, Alarm.mailed_at >= Alarm.raised_at)
    return or_(raised, over)


def _is_any(sessions: Sessions, now: datetime) -> bool:
    with sessions.read() as session:
        return session.scalar(select(Alarm.id).where(_untold(now)).limit(1)) is not None


def _has_turn(sessions: Sessions, now: datetime) -> bool:
    mine = update(JobTurn).where(JobTurn.name == TURN, is_over(JobTurn.slot, now, 2 * HELD))
    with sessions.begin(in_quarantine=True) as session:
        insert_missing(session, JobTurn, name=TURN, slot=now - HELD)
        return session.scalar(mine.values(slot=now + HELD).returning(JobTurn.name)) is not None


def _news(sessions: Sessions, now: datetime) -> Sequence[News]:
    with sessions.read() as session:
        rows = session.scalars(select(Alarm).where(_untold(now)).order_by(Alarm.id)).all()
    return [
        News(row.id, row.kind, row.subject, row.told, row.raised_at, row.cleared_at, row.mailed_at)
        for row in rows
    ]


def _taken(post: Post, news: News) -> bool:
    try:
        post.send(news)
    except NotTaken as error:
        log.error("the alarm could not be told by %s: %s", post.name, error)
        return False
    return True


def _write(sessions: Sessions, told: News | None, now: datetime, so_far: timedelta) -> None:
    """And keeps the turn for the next one."""
    with sessions.begin(in_quarantine=True) as session:
        session.execute(update(JobTurn).where(JobTurn.name == TURN).values(slot=now + so_far + HELD))
        if told is not None:
            as_told = Alarm.mailed_at.is_not_distinct_from(told.told_before)
            moment = max(now, told.raised_at, told.cleared_at or told.raised_at)  # by a clock ahead of ours
            session.execute(update(Alarm).where(Alarm.id == told.id, as_told).values(mailed_at=moment))


def _leave(sessions: Sessions, now: datetime) -> None:
    with sessions.begin(in_quarantine=True) as session:
        session.execute(update(JobTurn).where(JobTurn.name == TURN).values(slot=now - HELD))
