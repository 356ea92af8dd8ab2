"""Things come back to the shop, and points with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.shop import Shop
from wallet_service.actions.entries import Entry
from wallet_service.domain.errors import PointsSpent

RATE = {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 100, "give": 1}}]}
POINTS = {"visit_minimum": 0, "welcome": 0, "rules": [RATE]}


@pytest.fixture
def shop(street: Shop) -> Shop:
    return street.next_door(**POINTS)


def told(entry: Entry) -> dict[str, dict[str, Any]]:
    return {step.rule: dict(step.facts) for step in entry.steps}


def test_a_refund_in_three_parts_takes_what_one_would(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, total=999, receipt="r1")
    parts = [shop.refund(card, "r1", part).entry for part in (250, 250)] + [shop.refund(card, "r1").entry]
    assert [part.points for part in parts] == [-2, -3, -4]
    assert sum(part.total or 0 for part in parts) == -999
    assert shop.stand(card).balance == 0
    assert told(parts[1])["refunded_part"] == {"back": 250, "total": 999, "earned": 9, "taken": 5}


def test_who_spent_first_is_in_debt_and_the_next_purchase_pays_it(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, total=2_000, receipt="r1")
    shop.redeem(card)
    assert told(shop.refund(card, "r1").entry)["into_debt"] == {"short": 12}
    stand = shop.stand(card)
    assert (stand.balance, stand.spendable, stand.progress.value) == (-12, 0, 0)
    assert told(shop.earn(card, total=1_500).entry)["absorbed"] == {"points": 12}
    assert shop.stand(card).balance == 3


def test_a_kind_program_lets_go_what_is_spent(shop: Shop) -> None:
    shop.publish(**POINTS, refunds="clamp")
    card = shop.join()
    shop.earn(card, total=2_000, receipt="r1")
    shop.redeem(card)
    refund = shop.refund(card, "r1").entry
    assert (refund.points, told(refund)["clamped"]) == (-8, {"short": 12})
    assert shop.stand(card).balance == 0


def test_a_strict_program_refuses_until_the_reward_is_given_back(shop: Shop) -> None:
    shop.publish(**POINTS, refunds="refuse")
    card = shop.join()
    shop.earn(card, total=2_000, receipt="r1")
    coffee = shop.redeem(card)
    with pytest.raises(PointsSpent):
        shop.refund(card, "r1")
    shop.undo(coffee)
    shop.refund(card, "r1")
    assert shop.stand(card).balance == 0


def test_a_refund_is_counted_by_the_terms_of_the_day_of_the_purchase(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, total=2_000, receipt="r1")
    shop.publish(**POINTS | {"rules": [RATE | {"then": [{"points": {"per": 100, "give": 50}}]}]})
    assert shop.refund(card, "r1", 1_000).entry.points == -10


def test_a_refund_takes_the_visit_only_when_what_is_left_is_none(shop: Shop) -> None:
    shop.publish(visit_minimum=1_000)
    card = shop.join()
    shop.earn(card, total=3_000, receipt="r1")
    assert [shop.refund(card, "r1", 1_000).entry.points for _ in range(3)] == [0, 0, -1]


def test_two_stores_print_the_same_number_and_each_receipt_is_its_own(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, total=1_000, receipt="0001", store="north")
    shop.earn(card, total=5_000, receipt="0001", store="south")
    assert shop.stand(card).balance == 60


def test_a_slash_in_the_name_of_a_store_makes_no_receipt_of_another_one(shop: Shop) -> None:
    card = shop.join()
    named = [("a", "b/c"), ("a/b", "c"), (None, "a/b/c"), ("1", "77"), (None, "1/77"), ("0", "/77")]
    for store, receipt in named:
        assert not shop.earn(card, total=1_000, receipt=receipt, store=store).repeated
    assert shop.refund(card, "b/c", store="a").entry.points == -10
    assert shop.refund(card, "1/77").entry.points == -10
    assert shop.stand(card).balance == 40


def test_a_purchase_whose_points_are_not_free_yet_comes_back_from_those(shop: Shop) -> None:
    shop.publish(**POINTS, pending_days=14)
    card = shop.join()
    shop.earn(card, total=2_000, receipt="r1")
    shop.clock.forward(days=10)
    shop.earn(card, total=500)
    assert shop.stand(card).balance == 0
    shop.refund(card, "r1")
    shop.clock.now += timedelta(days=14)
    assert shop.stand(card).balance == 5
