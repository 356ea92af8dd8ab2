"""Members rise by what they buy, and fall only when a whole window was not enough."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.shop import DEMO, Shop
from wallet_service.domain.rules import Item

(COFFEE,) = DEMO["rewards"]
RATE = {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 100, "give": 1}}]}
SILVER: dict[str, Any] = {"id": "silver", "name": {"en": "Silver", "ru": "Серебро"}}
GOLD: dict[str, Any] = {"id": "gold", "name": {"en": "Gold", "ru": "Золото"}}
LEVELS = [SILVER | {"threshold": 10_000}, GOLD | {"threshold": 30_000, "jump": 25_000, "multiplier": [2, 1]}]


def club(street: Shop, **tiers: Any) -> Shop:
    terms = {"counts": "spend", "levels": LEVELS} | tiers
    return street.next_door(visit_minimum=0, welcome=0, rules=[RATE], tiers=terms)


def level(shop: Shop, card: str) -> str | None:
    held = shop.stand(card).level
    return held.id if held else None


def test_a_member_rises_and_earns_more_from_the_next_purchase_on(street: Shop) -> None:
    shop = club(street)
    card = shop.join()
    assert shop.earn(card, total=20_000).entry.points == 200
    assert level(shop, card) == "silver"
    assert shop.earn(card, total=10_000).entry.points == 100
    assert level(shop, card) == "gold"
    assert shop.earn(card, total=10_000).entry.points == 200


def test_one_big_receipt_jumps(street: Shop) -> None:
    shop = club(street)
    card = shop.join()
    shop.earn(card, total=25_000)
    assert level(shop, card) == "gold"


def test_spending_every_point_costs_no_tier(street: Shop) -> None:
    shop = club(street)
    card = shop.join()
    shop.earn(card, total=30_000)
    for _ in range(25):
        shop.redeem(card)
    assert (level(shop, card), shop.stand(card).status) == ("gold", 30_000)


def test_who_rose_by_a_receipt_that_came_back_falls_with_it(street: Shop) -> None:
    shop = club(street)
    card = shop.join()
    shop.earn(card, total=12_000)
    shop.earn(card, total=25_000, receipt="r1")
    assert level(shop, card) == "gold"
    shop.refund(card, "r1")
    assert (level(shop, card), shop.stand(card).status) == ("silver", 12_000)


def test_a_tier_is_kept_to_the_end_of_the_next_year_and_then_judged(street: Shop) -> None:
    shop = club(street, window="calendar")
    card = shop.join()
    shop.earn(card, total=30_000)
    shop.clock.now = datetime(2027, 12, 31, 20, 59, tzinfo=UTC)
    assert level(shop, card) == "gold"
    shop.clock.forward(minutes=1)
    assert level(shop, card) is None


def test_a_gentle_program_takes_one_tier_a_year(street: Shop) -> None:
    shop = club(street, window="calendar", downgrade="one_step")
    card = shop.join()
    shop.earn(card, total=30_000)
    seen = []
    for year in (2027, 2028, 2029, 2030):
        shop.clock.now = datetime(year, 6, 1, tzinfo=UTC)
        seen.append(level(shop, card))
    assert seen == ["gold", "silver", None, None]


def test_a_bought_tier_lasts_as_long_as_it_was_paid_for(street: Shop) -> None:
    paid = [SILVER | {"threshold": 10_000}, GOLD | {"paid": {"item": "club", "months": 1}}]
    shop = club(street, levels=paid)
    card = shop.join()
    shop.earn(card, total=50_000, items=(Item("club", 1, 50_000),), receipt="r1")
    assert level(shop, card) == "gold"
    shop.clock.forward(days=40)
    assert level(shop, card) == "silver"


def test_a_reward_for_gold_is_seen_by_gold_alone(street: Shop) -> None:
    shop = club(street)
    one, other = shop.join(), shop.join()
    shop.publish(
        visit_minimum=0,
        welcome=0,
        rules=[RATE],
        tiers={"counts": "spend", "levels": LEVELS},
        rewards=[COFFEE, COFFEE | {"id": "table", "tier": "gold"}],
    )
    shop.earn(one, total=30_000)
    shop.earn(other, total=10_000)
    assert [reward.id for reward in shop.stand(one).ready] == ["coffee", "table"]
    assert [reward.id for reward in shop.stand(other).ready] == ["coffee"]


def test_the_state_of_a_card_tells_a_tier_that_was_lost_since(street: Shop) -> None:
    shop = club(street, window="calendar", downgrade="one_step")
    card = shop.join()
    shop.earn(card, total=30_000)
    states = set()
    for year in (2027, 2028, 2029):
        shop.clock.now = datetime(year, 6, 1, tzinfo=UTC)
        states.add(shop.stand(card).state)
    assert len(states) == 3
