"""Machines whose clocks differ tell of an alarm once, and lose none of its news."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.shop import OPENING, Shop
from wallet_service.push import alarm_post
from wallet_service.push.alarm_post import News
from wallet_service.push.alarms import clear_alarm, raise_alarm

AHEAD = [timedelta(milliseconds=1), timedelta(seconds=3), timedelta(hours=1), timedelta(days=400)]
QUARTER = timedelta(minutes=16)


@dataclass
class Operator:
    """What they heard; `away`: the other machine's clock is ahead by so much."""

    shop: Shop
    away: timedelta
    heard: list[str] = field(default_factory=list)
    name: str = "operator"

    def send(self, news: News) -> None:
        self.heard.append("over" if news.over else "raised")

    def listen(self, now: datetime) -> datetime:
        """For a quarter of an hour, to the machine whose clock is right. Answers when that is over."""
        for minute in range(16):
            alarm_post.tell(self.shop.services.sessions, [self], now + timedelta(minutes=minute))
        return now + QUARTER

    def raised(self, now: datetime) -> None:
        with self.shop.services.sessions.begin() as session:
            raise_alarm(session, "disk", "/data", "It is full.", now)

    def cleared(self, now: datetime) -> None:
        with self.shop.services.sessions.begin() as session:
            clear_alarm(session, "disk", "/data", now)


@pytest.fixture(params=AHEAD, ids=["a moment", "seconds", "an hour", "a year"])
def operator(request: pytest.FixtureRequest, shop: Shop) -> Operator:
    return Operator(shop, request.param)


def test_what_a_clock_ahead_raises_is_told_once(operator: Operator) -> None:
    operator.raised(OPENING + operator.away)
    now = operator.listen(operator.listen(OPENING))
    assert operator.heard == ["raised"]
    operator.cleared(now)
    operator.listen(now)
    assert operator.heard == ["raised", "over"]


def test_what_a_clock_ahead_ends_is_told_once(operator: Operator) -> None:
    operator.raised(OPENING)
    now = operator.listen(OPENING)
    operator.cleared(now + operator.away)
    now = operator.listen(operator.listen(now))
    assert operator.heard == ["raised", "over"]
    operator.raised(now)
    operator.listen(operator.listen(now))
    assert operator.heard == ["raised", "over", "raised"]


def test_what_a_clock_ahead_tells_hides_nothing_that_comes_later(operator: Operator) -> None:
    operator.raised(OPENING)
    alarm_post.tell(operator.shop.services.sessions, [operator], OPENING + operator.away)
    now = OPENING + timedelta(minutes=1)
    operator.cleared(now)
    now = operator.listen(now)
    operator.raised(now)
    operator.listen(operator.listen(now))
    assert operator.heard == ["raised", "over", "raised"]
