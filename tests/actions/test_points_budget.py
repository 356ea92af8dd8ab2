"""A program that gives far more points than on such a weekday is an alarm until the day is over."""

from __future__ import annotations

import pytest

from tests.shop import Shop
from wallet_service.actions.points_budget import ALARM, FLOOR
from wallet_service.cli.ledger_jobs import watch_points
from wallet_service.push.alarms import open_alarms


@pytest.fixture
def shop(street: Shop) -> Shop:
    """On the fifth Monday, after four of 60 points each; today began with 50 purchases of a point."""
    shop = street.next_door(
        welcome=0,
        time_zone="UTC",
        visit_minimum=0,
        rules=[{"id": "visit", "trigger": "visit", "then": [{"points": {"each": "visit", "give": 1}}]}],
    )
    for _ in range(4):
        shop.earn(shop.join(), visits=60)
        shop.clock.forward(weeks=1)
    purchases(shop, FLOOR)
    return shop


def purchases(shop: Shop, count: int) -> None:
    card = shop.join()
    for _ in range(count):
        shop.earn(card)


def told(shop: Shop) -> list[str]:
    watch_points(shop.services)
    with shop.services.sessions.read() as session:
        alarms = open_alarms(session)
        return [alarm.detail for alarm in alarms if (alarm.kind, alarm.subject) == (ALARM, shop.program)]


def test_half_as_much_again_as_usual_is_no_alarm_and_one_more_is(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, visits=40)
    assert told(shop) == []
    shop.earn(card, visits=1)
    (detail,) = told(shop)
    assert detail.startswith("91 points were given today, and 60 are usual on such a weekday.")


def test_it_is_over_when_the_day_is(shop: Shop) -> None:
    shop.earn(shop.join(), visits=41)
    assert len(told(shop)) == 1
    shop.clock.forward(hours=16)
    assert told(shop) == []


def test_other_weekdays_do_not_count(shop: Shop) -> None:
    shop.clock.forward(days=1)
    purchases(shop, FLOOR)
    shop.earn(shop.join(), visits=100)
    assert told(shop) == []


def test_a_weekday_on_which_the_shop_was_closed_is_left_out(shop: Shop) -> None:
    shop.clock.forward(weeks=3)
    purchases(shop, FLOOR)
    shop.earn(shop.join(), visits=41)
    assert len(told(shop)) == 1


def test_so_few_purchases_that_one_guest_could_double_them_are_none(street: Shop) -> None:
    shop = street.next_door(welcome=0)
    purchases(shop, 1)
    shop.clock.forward(weeks=1)
    purchases(shop, FLOOR - 1)
    assert told(shop) == []
    purchases(shop, 1)
    assert len(told(shop)) == 1
