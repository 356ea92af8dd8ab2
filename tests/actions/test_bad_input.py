"""What cannot be is refused by its name, with the figures in it, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.shop import DEMO, OPENING, Shop
from wallet_service.db.tables import Base
from wallet_service.domain import redeeming
from wallet_service.domain.errors import (
    AlreadyReversed,
    BadAmount,
    BadTime,
    CannotPayThat,
    Conflict,
    Invalid,
    KeyReused,
    NotEnoughPoints,
    OutOfStock,
    PointsSpent,
    ReceiptAlreadyBooked,
    RefundTooLarge,
    Refusal,
    RewardNotNow,
    SecondPersonNeeded,
    TierNeeded,
    UnknownCard,
    UnknownEntry,
    UnknownReceipt,
    UnknownReward,
)
from wallet_service.domain.rules import MOST_MONEY, Item

(COFFEE,) = DEMO["rewards"]
PROGRAM = {
    "visit_minimum": 0,
    "welcome": 0,
    "rules": [{"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 100, "give": 1}}]}],
    "rewards": [
        COFFEE | {"id": "coffee", "cost": 100},
        COFFEE | {"id": "cake", "cost": 10, "stock": 1},
        COFFEE | {"id": "easter", "cost": 10, "valid": ["2026-03-20", "2026-04-20"]},
        COFFEE | {"id": "dinner", "cost": 10, "tier": "gold"},
    ],
    "tiers": {
        "counts": "spend",
        "levels": [{"id": "gold", "name": {"en": "Gold", "ru": "Золото"}, "threshold": 1_000_000}],
    },
    "paying": {"worth": [50, 1], "minimum": 20, "share": [1, 4]},
    "adjustment_limit": 500,
}
ROUBLES = 100


@pytest.fixture
def shop(street: Shop) -> Shop:
    return street.next_door(**PROGRAM)


@pytest.fixture
def card(shop: Shop) -> str:
    """With 50 points of one receipt."""
    card = shop.join()
    shop.earn(card, total=50 * ROUBLES, receipt="r1")
    return card


@contextmanager
def refused(shop: Shop, error: type[Refusal], **facts: Any) -> Iterator[None]:
    """By this very error with these figures; every table stays as it is."""
    before = dump(shop)
    with pytest.raises(error) as refusal:
        yield
    assert refusal.type is error
    told = refusal.value.facts
    assert {name: told.get(name) for name in facts} == facts
    assert refusal.value.detail.endswith((".", "`."))
    assert dump(shop) == before


def dump(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """Everything, as the database has it."""
    with shop.services.sessions.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize(
    ("bought", "facts"),
    [
        ({"total": -1}, {"total": -1, "least": 0, "most": MOST_MONEY}),
        ({"total": 10**15}, {"total": 10**15}),
        ({"visits": 0}, {"visits": 0, "least": 1, "most": 100}),
        ({"visits": -3}, {"visits": -3}),
        ({"visits": 101}, {"visits": 101}),
        ({"items": (Item("tea", 0),)}, {"quantity": 0, "item": "tea"}),
        ({"items": (Item("tea", 1, -5),)}, {"total": -5, "item": "tea"}),
        ({"total": 100, "items": (Item("tea", 1, 101),)}, {"items": 101, "total": 100}),
    ],
)
def test_amounts_that_nobody_can_have_bought(
    shop: Shop, card: str, bought: dict[str, Any], facts: dict[str, Any]
) -> None:
    with refused(shop, BadAmount, **facts):
        shop.earn(card, **bought)


def test_another_currency(shop: Shop, card: str) -> None:
    with refused(shop, Invalid, currency="USD", expected="RUB"):
        shop.earn(card, total=100, currency="USD")


def test_nothing_at_all(shop: Shop, card: str) -> None:
    with refused(shop, Invalid):
        shop.earn(card, receipt="empty")


@pytest.mark.parametrize(
    "off", [timedelta(minutes=2, seconds=1), timedelta(days=400), timedelta(hours=-72, seconds=-1)]
)
def test_times_ahead_and_more_than_72_hours_back(shop: Shop, card: str, off: timedelta) -> None:
    moment = OPENING + off
    with refused(shop, BadTime, occurred_at=moment.isoformat(), now=OPENING.isoformat()):
        shop.earn(card, total=100, at=moment)


def test_a_purchase_of_exactly_72_hours_ago_counts(shop: Shop, card: str) -> None:
    assert shop.earn(card, total=100, at=OPENING - timedelta(hours=72)).entry.points == 1


def test_a_reward_that_is_not_there(shop: Shop, card: str) -> None:
    with refused(shop, UnknownReward, reward="caviar"):
        shop.redeem(card, "caviar")


def test_a_reward_that_is_too_dear(shop: Shop, card: str) -> None:
    with refused(shop, NotEnoughPoints, cost=100, balance=50, missing=50):
        shop.redeem(card, "coffee")


def test_a_reward_that_is_gone(shop: Shop, card: str) -> None:
    shop.redeem(card, "cake")
    with refused(shop, OutOfStock, reward="cake", stock=1):
        shop.redeem(card, "cake")


def test_a_reward_outside_its_days(shop: Shop, card: str) -> None:
    with refused(shop, RewardNotNow, reward="easter", first_day="2026-03-20", last_day="2026-04-20"):
        shop.redeem(card, "easter")


def test_a_reward_of_a_higher_tier(shop: Shop, card: str) -> None:
    with refused(shop, TierNeeded, reward="dinner", tier="gold", has=None):
        shop.redeem(card, "dinner")


def test_a_card_that_is_not_known(shop: Shop, card: str) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    presses: tuple[Callable[[], object], ...] = (
        lambda: shop.earn(unknown, total=100),
        lambda: shop.redeem(unknown),
        lambda: shop.refund(unknown, "r1"),
        lambda: shop.merge(card, unknown),
    )
    for press in presses:
        with refused(shop, UnknownCard):
            press()


@pytest.mark.parametrize(
    "press",
    [
        lambda shop, card, key: shop.earn(card, total=101, key=key),
        lambda shop, card, key: shop.earn(card, total=100, key=key, receipt="r9"),
        lambda shop, card, key: shop.redeem(card, "cake", key=key),
        lambda shop, card, key: shop.pay(card, 20, 100 * ROUBLES, key=key),
        lambda shop, card, key: shop.refund(card, "r1", key=key),
        lambda shop, card, key: shop.adjust(card, 5, key=key),
    ],
)
def test_the_same_key_with_something_else(
    shop: Shop, card: str, press: Callable[[Shop, str, str], object]
) -> None:
    key = f"once in {shop.program}"
    shop.earn(card, total=100, key=key)
    with refused(shop, KeyReused):
        press(shop, card, key)


def test_the_same_key_for_another_card(shop: Shop, card: str) -> None:
    key, stranger = f"once in {shop.program}", shop.join()
    shop.earn(card, total=100, key=key)
    with refused(shop, KeyReused):
        shop.earn(stranger, total=100, key=key)


def test_a_key_of_nothing_and_a_key_without_end(shop: Shop, card: str) -> None:
    for key in ("x" * 129, "a\nb"):
        with refused(shop, Invalid, length=len(key)):
            shop.earn(card, total=100, key=key)


def test_a_refund_of_a_receipt_that_nobody_booked(shop: Shop, card: str) -> None:
    with refused(shop, UnknownReceipt, receipt="r404"):
        shop.refund(card, "r404")


def test_a_refund_of_somebody_elses_receipt(shop: Shop, card: str) -> None:
    stranger = shop.join()
    with refused(shop, UnknownReceipt, receipt="r1"):
        shop.refund(stranger, "r1")


@pytest.mark.parametrize("total", [0, -100])
def test_a_refund_of_nothing_or_less(shop: Shop, card: str, total: int) -> None:
    with refused(shop, BadAmount, total=total):
        shop.refund(card, "r1", total)


def test_more_brought_back_than_bought(shop: Shop, card: str) -> None:
    with refused(shop, RefundTooLarge, bought=5_000, refunded=0, left=5_000, total=5_001):
        shop.refund(card, "r1", 5_001)
    shop.refund(card, "r1", 3_000)
    with refused(shop, RefundTooLarge, bought=5_000, refunded=3_000, left=2_000, total=2_001):
        shop.refund(card, "r1", 2_001)
    shop.refund(card, "r1")
    with refused(shop, AlreadyReversed, receipt="r1"):
        shop.refund(card, "r1", 1)


def test_a_part_of_a_receipt_without_a_total(shop: Shop, card: str) -> None:
    shop.earn(card, visits=1, receipt="stamped")
    with refused(shop, BadAmount, receipt="stamped"):
        shop.refund(card, "stamped", 100)


def test_a_refund_of_points_that_are_spent_where_the_program_refuses(shop: Shop, card: str) -> None:
    shop.publish(**PROGRAM, refunds="refuse")
    shop.earn(card, total=10 * ROUBLES, receipt="r2")
    shop.redeem(card, "cake")
    shop.pay(card, 45, 9_000)
    with refused(shop, PointsSpent, due=10, spent=5):
        shop.refund(card, "r2")


def test_a_receipt_that_was_booked_for_another_card(shop: Shop, card: str) -> None:
    stranger = shop.join()
    with refused(shop, ReceiptAlreadyBooked, receipt="r1"):
        shop.earn(stranger, total=50 * ROUBLES, receipt="r1")


@pytest.mark.parametrize(
    ("points", "total", "error", "facts"),
    [
        (0, 10_000, BadAmount, {"points": 0}),
        (-20, 10_000, BadAmount, {"points": -20}),
        (19, 10_000, CannotPayThat, {"minimum": 20, "points": 19}),
        (21, 4_199, CannotPayThat, {"most": 1_049, "money": 1_050}),
        (20, None, BadAmount, {}),
        (20, -1, BadAmount, {"total": -1}),
        (51, 1_000_000, NotEnoughPoints, {"cost": 51, "balance": 50, "missing": 1}),
    ],
)
def test_paying_more_than_may_be_paid(
    shop: Shop, card: str, points: int, total: int | None, error: type[Refusal], facts: dict[str, Any]
) -> None:
    with refused(shop, error, **facts):
        shop.pay(card, points, total)


def test_paying_where_points_are_not_paid_with(shop: Shop, card: str) -> None:
    shop.publish(**{name: value for name, value in PROGRAM.items() if name != "paying"})
    with refused(shop, CannotPayThat):
        shop.pay(card, 20, 10_000)


@pytest.mark.parametrize(
    ("points", "reason", "error", "facts"),
    [
        (0, "why not", BadAmount, {"points": 0}),
        (10**12, "a lot", BadAmount, {"points": 10**12}),
        (5, "", Invalid, {}),
        (5, " \n ", Invalid, {}),
        (501, "very sorry", SecondPersonNeeded, {"limit": 500, "points": 501}),
        (-501, "a mistake", SecondPersonNeeded, {"limit": 500, "points": -501}),
        (-51, "a mistake", NotEnoughPoints, {"balance": 50, "missing": 1}),
    ],
)
def test_corrections_without_a_reason_or_beyond_the_limit(
    shop: Shop, card: str, points: int, reason: str, error: type[Refusal], facts: dict[str, Any]
) -> None:
    with refused(shop, error, **facts):
        shop.adjust(card, points, reason)


def test_taking_back_what_is_not_there_or_was_taken_back(shop: Shop, card: str) -> None:
    booking = shop.earn(card, total=100)
    undone = shop.undo(booking)
    with refused(shop, AlreadyReversed):
        shop.undo(booking)
    with refused(shop, Conflict):
        shop.undo(undone)
    unknown = replace(booking, entries=(replace(booking.entry, id=404_404),))
    with refused(shop, UnknownEntry, entry=404_404):
        shop.undo(unknown)


def test_merging_a_card_with_itself_or_with_one_of_another_program(shop: Shop, card: str) -> None:
    with refused(shop, Invalid):
        shop.merge(card, shop.stand(card).number)
    tea = replace(shop, program="tea")
    tea.publish()
    stranger = tea.join()
    with refused(shop, Conflict):
        shop.merge(card, stranger)


def test_picking_a_goal_that_is_out_of_reach(shop: Shop, card: str) -> None:
    for goal in ("caviar", "easter", "dinner"):
        with refused(shop, UnknownReward, reward=goal):
            shop.pick_goal(card, goal)


@pytest.mark.parametrize("points", [9, 15])
def test_points_that_pay_no_whole_unit_of_money(shop: Shop, card: str, points: int) -> None:
    paying = {"worth": [2, 20], "minimum": 1, "share": [1, 1]}
    shop.publish(**PROGRAM | {"paying": paying})
    with refused(shop, CannotPayThat, step=10, points=points):
        shop.pay(card, points, 10_000)
    assert redeeming.most_points(shop.stand(card).program, 49, 10_000) == 40
