"""Points burn at the end of a local day, whether or not anybody sweeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.shop import Shop
from wallet_service.domain.errors import NotEnoughPoints

RATE = {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 100, "give": 1}}]}
POINTS = {"visit_minimum": 0, "welcome": 0, "rules": [RATE]}
MIDNIGHT = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)
"""In Moscow, where the shop is."""


def yearly(street: Shop, **more: object) -> Shop:
    return street.next_door(**POINTS, expiry={"kind": "calendar", "days": ["12-31"]} | more)


def test_points_are_good_to_the_last_second_of_the_local_day(street: Shop) -> None:
    shop = yearly(street)
    card = shop.join()
    shop.earn(card, total=2_000)
    shop.clock.now = MIDNIGHT
    shop.clock.forward(seconds=-1)
    assert shop.stand(card).spendable == 20
    shop.clock.forward(seconds=1)
    assert (shop.stand(card).balance, shop.stand(card).spendable) == (0, 0)
    with pytest.raises(NotEnoughPoints):
        shop.redeem(card)


def test_what_burns_first_is_spent_first(street: Shop) -> None:
    shop = street.next_door(**POINTS, expiry={"kind": "rolling", "months": 1})
    card = shop.join()
    shop.earn(card, total=1_000)
    shop.clock.forward(days=20)
    shop.earn(card, total=1_000)
    shop.redeem(card)  # 12: all of the first ten, two of the second
    shop.clock.forward(days=15)
    assert shop.stand(card).balance == 8


def test_the_card_says_what_burns_next_and_when(street: Shop) -> None:
    shop = yearly(street)
    card = shop.join()
    shop.earn(card, total=2_000)
    burning = shop.stand(card).burning
    assert burning is not None
    assert (burning.points, burning.at) == (20, MIDNIGHT)


def test_a_late_purchase_of_last_year_is_booked_and_has_burnt(street: Shop) -> None:
    shop = yearly(street)
    card = shop.join()
    shop.clock.now = MIDNIGHT
    shop.clock.forward(hours=20)
    yesterday = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    assert shop.earn(card, total=2_000, at=yesterday).entry.points == 20
    assert (shop.stand(card).balance, shop.stand(card).spendable) == (0, 0)
    shop.sweep()
    assert shop.stand(card).account.card.balance == 0


def test_whoever_comes_again_keeps_everything_where_only_idle_cards_burn(street: Shop) -> None:
    shop = street.next_door(**POINTS, expiry={"kind": "inactivity", "months": 3})
    card = shop.join()
    shop.earn(card, total=2_000)
    for _ in range(6):
        shop.clock.forward(days=80)
        shop.earn(card, total=100)
    assert shop.stand(card).balance == 26
    shop.redeem(card)
    shop.clock.forward(days=80)
    assert shop.stand(card).balance == 14
    shop.clock.forward(days=20)
    assert shop.stand(card).balance == 0


def test_a_reward_given_back_after_its_points_burnt_lives_for_the_days_of_grace(street: Shop) -> None:
    shop = yearly(street, grace_days=7)
    card = shop.join()
    shop.earn(card, total=2_000)
    coffee = shop.redeem(card)
    shop.clock.now = MIDNIGHT
    back = shop.undo(coffee).entry
    assert {"points": 12, "day": "2027-01-08"} in [dict(step.facts) for step in back.steps]
    assert shop.stand(card).spendable == 12
    shop.clock.forward(days=8)
    assert shop.stand(card).balance == 0


def test_without_grace_it_burns_again_at_once_and_the_history_says_so(street: Shop) -> None:
    shop = yearly(street)
    card = shop.join()
    shop.earn(card, total=2_000)
    coffee = shop.redeem(card)
    shop.clock.now = MIDNIGHT
    assert [(entry.kind.value, entry.points) for entry in shop.undo(coffee).entries] == [
        ("reverse", 12),
        ("expire", -12),
    ]
    assert shop.stand(card).balance == 0


def test_burnt_points_are_not_taken_a_second_time_by_a_refund(street: Shop) -> None:
    shop = yearly(street)
    card = shop.join()
    shop.earn(card, total=2_000, receipt="r1")
    shop.clock.now = MIDNIGHT
    shop.earn(card, total=500)
    assert shop.refund(card, "r1").entry.points == 0
    assert shop.stand(card).balance == 5
