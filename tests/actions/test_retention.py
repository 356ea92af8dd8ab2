"""Nobody is remembered for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.shop import Shop, make_shop
from wallet_service.actions import retention
from wallet_service.cli.retention import Forgetting, forget_idle
from wallet_service.db.tables import Card, Installation, Member, Operation
from wallet_service.domain.errors import CardNotActive


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def names(shop: Shop) -> set[str | None]:
    with shop.services.sessions.read() as session:
        return set(session.scalars(select(Member.name)))


def news(shop: Shop, card: str) -> str:
    return shop.face(card).news["en"]


def test_who_was_away_for_three_years_is_warned_on_the_card_and_then_forgotten(shop: Shop) -> None:
    away, regular = shop.join("Alice"), shop.join("Bob")
    shop.clock.forward(days=36 * 30.5)
    shop.earn(regular)
    forget_idle(shop.services)
    assert news(shop, away).startswith("We have not seen you for long. This card ends on ")
    assert "not seen you" not in news(shop, regular)
    assert names(shop) == {"Alice", "Bob"}
    shop.clock.forward(days=31)
    forget_idle(shop.services)
    assert names(shop) == {None, "Bob"}
    with pytest.raises(CardNotActive):
        shop.earn(away)


def test_who_comes_by_after_the_notice_stays(shop: Shop) -> None:
    card = shop.join("Alice")
    shop.clock.forward(days=36 * 30.5)
    forget_idle(shop.services)
    shop.clock.forward(days=10)
    shop.earn(card)
    shop.clock.forward(days=25)
    forget_idle(shop.services)
    assert names(shop) == {"Alice"}
    assert "not seen you" not in news(shop, card)


def test_a_second_card_of_the_same_person_in_use_keeps_both(shop: Shop) -> None:
    first, second = shop.join("Alice"), shop.join("Alice")
    with shop.services.sessions.begin() as session:
        one, other = session.scalars(select(Card).order_by(Card.id))
        other.member_id = one.member_id
    shop.clock.forward(days=36 * 30.5)
    shop.earn(second)
    forget_idle(shop.services)
    assert "not seen you" not in news(shop, first)


def test_members_are_looked_at_page_by_page_to_the_last(shop: Shop) -> None:
    cards = [shop.join() for _ in range(3)]
    shop.clock.forward(days=36 * 30.5)
    with shop.services.sessions.read() as session:
        members = session.scalars(select(Member.id).order_by(Member.id)).all()
        found, last = retention.idle(session, 36, shop.clock(), members[0])
        assert (set(found), last) == (set(cards[1:]), members[-1])
        assert retention.idle(session, 36, shop.clock(), members[-1]) == ((), None)


def test_nobody_is_forgotten_where_the_setting_is_zero(shop: Shop) -> None:
    shop.join("Alice")
    shop.clock.forward(days=10_000)
    never = replace(shop.services, settings=replace(shop.services.settings, retention_months=0))
    forget_idle(never)
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Member.warned_at)).all() == [None]


def test_a_clock_that_leapt_ahead_forgets_nobody(shop: Shop) -> None:
    shop.join("Alice")
    with shop.services.sessions.begin() as session:
        now = shop.clock()
        session.merge(Installation(id=1, life="a" * 8, created_at=now, seen_at=now))
    shop.clock.forward(days=12 * 365)
    Forgetting(shop.services).hourly()
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Member.warned_at)).all() == [None]


def test_answers_to_machines_go_after_three_days_and_the_booking_counts_once_for_ever(shop: Shop) -> None:
    card = shop.join("Alice")
    shop.earn(card, key="once")
    with shop.services.sessions.begin() as session:
        for operation in session.scalars(select(Operation)):
            operation.answer = '{"name": "Alice"}'
    shop.clock.forward(hours=71)
    shop.earn(card, key="young")
    with shop.services.sessions.begin() as session:
        session.scalars(select(Operation).where(Operation.key == "young")).one().answer = "{}"
    shop.clock.forward(hours=2)
    with shop.services.sessions.begin() as session:
        retention.drop_answers(session, 0, shop.clock())
    with shop.services.sessions.read() as session:
        kept = session.scalars(select(Operation.key).where(Operation.answer.is_not(None))).all()
    assert kept == ["young"]
    assert shop.earn(card, key="once").repeated
