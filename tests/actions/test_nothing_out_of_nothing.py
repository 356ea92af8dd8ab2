"""Whoever buys, brings back and undoes in a clever order ends with what an honest one has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shop import DEMO, Shop
from wallet_service.domain.errors import NotEnoughPoints, ReceiptAlreadyBooked
from wallet_service.domain.rules import Item

POINTS = {"visit_minimum": 0, "welcome": 0}
RATE = {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 100, "give": 1}}]}
COFFEE = DEMO["rewards"][0] | {"cost": 100}
LEVELS = [
    {"id": "silver", "name": {"en": "Silver", "ru": "Серебро"}, "threshold": 500},
    {"id": "gold", "name": {"en": "Gold", "ru": "Золото"}, "threshold": 1000},
]
TIERS = {"counts": "points", "window": "calendar", "levels": LEVELS}


def opened(street: Shop, *rules: dict[str, Any], **more: Any) -> Shop:
    return street.next_door(**{**POINTS, "rules": [RATE, *rules], "rewards": [COFFEE], **more})


def level(shop: Shop, card: str) -> str | None:
    held = shop.stand(card).level
    return held.id if held else None


def test_a_gift_goes_back_with_the_part_that_earned_it(street: Shop) -> None:
    large = {"all": [{"field": "total", "op": ">=", "value": 100_000}]}
    shop = opened(street, {"id": "gift", "trigger": "purchase", "when": large, "then": [{"grant": 500}]})
    card = shop.join()
    shop.earn(card, total=100_000, receipt="r1")
    assert shop.stand(card).balance == 1_500
    shop.refund(card, "r1", 99_900)
    assert shop.stand(card).balance == 1
    shop.refund(card, "r1")
    assert shop.stand(card).balance == 0


def test_a_tier_goes_back_in_whatever_order_its_receipts_do(street: Shop) -> None:
    shop = opened(street, tiers=TIERS)
    for order in (("r1", "r2"), ("r2", "r1")):
        card = shop.join()
        for receipt in ("r1", "r2"):
            shop.earn(card, total=50_000, receipt=f"{card}-{receipt}")
        assert level(shop, card) == "gold"
        for receipt in order:
            shop.refund(card, f"{card}-{receipt}")
        assert (shop.stand(card).status, level(shop, card)) == (0, None)


def test_a_tier_does_not_survive_a_refund_of_all_but_a_kopeck(street: Shop) -> None:
    shop = opened(street, tiers=TIERS)
    card = shop.join()
    shop.earn(card, total=100_000, receipt="r1")
    shop.refund(card, "r1", 99_999)
    assert (shop.stand(card).status, level(shop, card)) == (0, None)


def test_a_bought_tier_goes_back_with_its_item_and_not_with_another(street: Shop) -> None:
    club = {"id": "club", "name": {"en": "Club", "ru": "Клуб"}, "paid": {"item": "club-month", "months": 1}}
    shop = opened(street, tiers=TIERS | {"levels": [club, *LEVELS]})
    card = shop.join()
    items = (Item("club-month", total=30_000), Item("beans", total=20_000))
    shop.earn(card, total=50_000, items=items, receipt="r1")
    shop.refund(card, "r1", 20_000)
    assert level(shop, card) == "club"
    shop.refund(card, "r1", 1)
    assert level(shop, card) is None


def test_an_undone_purchase_takes_the_bought_tier_at_once(street: Shop) -> None:
    club = {"id": "club", "name": {"en": "Club", "ru": "Клуб"}, "paid": {"item": "club-month", "months": 1}}
    shop = opened(street, tiers=TIERS | {"levels": [club, *LEVELS]})
    card = shop.join()
    booked = shop.earn(card, total=30_000, items=(Item("club-month", total=30_000),))
    assert level(shop, card) == "club"
    shop.undo(booked)
    assert level(shop, card) is None


def test_parts_of_a_receipt_that_would_have_earned_more_when_smaller_give_nothing(street: Shop) -> None:
    bands = [{"from": 0, "per": 10, "give": 1}, {"from": 500, "per": 100, "give": 1}]
    odd = {"id": "rate", "trigger": "purchase", "then": [{"points": {"bands": bands}}]}
    shop = street.next_door(**POINTS, rules=[odd], tiers=TIERS)
    card = shop.join()
    shop.earn(card, total=1_000, receipt="r1")
    for part in (400, 200, 400):
        shop.refund(card, "r1", part)
    stand = shop.stand(card)
    assert (stand.balance, stand.status, stand.account.card.carried) == (0, 0, "0/1")


def test_a_reward_that_is_given_back_pays_for_what_was_refunded_meanwhile(street: Shop) -> None:
    shop = opened(street, refunds="clamp")
    card = shop.join()
    shop.earn(card, total=10_000, receipt="r1")
    had = shop.redeem(card)
    shop.refund(card, "r1")
    shop.undo(had)
    assert shop.stand(card).balance == 0


def test_what_joining_gives_waits_for_the_first_paid_purchase(street: Shop) -> None:
    shop = opened(street, {"id": "hello", "trigger": "join", "then": [{"grant": 100}]})
    card = shop.join()
    assert shop.stand(card).balance == 100
    with pytest.raises(NotEnoughPoints):
        shop.redeem(card)
    shop.earn(card, total=100)
    shop.redeem(card)
    assert shop.stand(card).balance == 1


def test_gifts_of_a_purchase_wait_as_long_as_its_points(street: Shop) -> None:
    gift = {"id": "gift", "trigger": "purchase", "then": [{"grant": 50}]}
    shop = opened(street, gift, pending_days=14)
    card = shop.join()
    shop.earn(card, total=10_000)
    assert (shop.stand(card).spendable, shop.stand(card).pending) == (0, 150)
    shop.clock.forward(days=14)
    assert shop.stand(card).spendable == 150


def test_points_that_come_to_a_sleeping_card_live_their_time(street: Shop) -> None:
    shop = opened(street, expiry={"kind": "inactivity", "months": 6})
    card = shop.join()
    shop.earn(card, total=10_000)
    shop.clock.forward(days=240)
    shop.adjust(card, 500, "goodwill")
    shop.clock.forward(days=100)
    assert shop.stand(card).balance == 500


def test_points_of_somebody_who_comes_often_do_not_burn_once_nothing_burns(street: Shop) -> None:
    shop = opened(street, expiry={"kind": "inactivity", "months": 6})
    card = shop.join()
    shop.earn(card, total=10_000)
    shop.publish(**POINTS, rules=[RATE], rewards=[COFFEE])
    for _ in range(10):
        shop.clock.forward(days=30)
        shop.earn(card, total=100)
    assert shop.stand(card).balance == 110


def test_another_purchase_under_a_known_receipt_is_told_and_not_lost(street: Shop) -> None:
    shop = opened(street)
    card = shop.join()
    shop.earn(card, total=10_000, receipt="77")
    with pytest.raises(ReceiptAlreadyBooked) as refused:
        shop.earn(card, total=500_000, receipt="77")
    assert refused.value.facts == {"receipt": "77", "total": 500_000, "booked": 10_000}
