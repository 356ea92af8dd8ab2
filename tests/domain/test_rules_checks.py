"""A purchase that cannot be is refused with the figure that is off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.domain.plain_program import make_level, make_program
from wallet_service.domain.errors import BadAmount, BadTime, Invalid
from wallet_service.domain.program import Tiers
from wallet_service.domain.rules import Item, Purchase, check

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SHOP = make_program()


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ({"total": -1}, {"total": -1, "least": 0, "most": 1_000_000_000}),
        ({"total": 1_000_000_001}, {"total": 1_000_000_001, "least": 0, "most": 1_000_000_000}),
        ({"visits": 0}, {"visits": 0, "least": 1, "most": 100}),
        ({"visits": 101}, {"visits": 101, "least": 1, "most": 100}),
        ({"items": (Item("tea", 0),)}, {"quantity": 0, "least": 1, "most": 10_000, "item": "tea"}),
        ({"items": (Item("tea", 10_001),)}, {"quantity": 10_001, "least": 1, "most": 10_000, "item": "tea"}),
        ({"items": (Item("tea", 1, -5),)}, {"total": -5, "least": 0, "most": 1_000_000_000, "item": "tea"}),
        ({"items": (Item("tea"),) * 1001}, {"items": 1001, "least": 0, "most": 1000}),
        ({"total": 900, "items": (Item("tea", 1, 500),) * 2}, {"items": 1000, "total": 900}),
    ],
)
def test_an_amount_that_cannot_be(said: dict[str, Any], figures: dict[str, Any]) -> None:
    with pytest.raises(BadAmount) as refused:
        check(SHOP, Purchase(NOW, **said), NOW)
    assert refused.value.facts == figures


def test_nobody_buys_more_than_ten_years_of_a_tier_at_once() -> None:
    club = make_level("Club", paid_item="club-month", paid_months=3)
    shop = make_program(tiers=Tiers("spend", (club,)))
    check(shop, Purchase(NOW, items=(Item("club-month", 40),)), NOW)
    with pytest.raises(BadAmount) as refused:
        check(shop, Purchase(NOW, items=(Item("club-month", 41),)), NOW)
    assert refused.value.facts == {"months": 123, "least": 0, "most": 120}


def test_saying_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="Say what was bought"):
        check(SHOP, Purchase(NOW, channel="web"), NOW)


def test_another_currency_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        check(SHOP, Purchase(NOW, 100, "EUR"), NOW)
    assert refused.value.facts == {"currency": "EUR", "expected": "RUB"}


@pytest.mark.parametrize("off", [timedelta(minutes=2, seconds=1), -timedelta(hours=72, seconds=1)])
def test_a_time_of_tomorrow_or_of_last_week_is_refused_with_both_times(off: timedelta) -> None:
    with pytest.raises(BadTime) as refused:
        check(SHOP, Purchase(NOW + off, 100), NOW)
    assert refused.value.facts == {"occurred_at": (NOW + off).isoformat(), "now": NOW.isoformat()}


@pytest.mark.parametrize(
    "purchase",
    [
        Purchase(NOW + timedelta(minutes=2), 0, "RUB"),
        Purchase(NOW - timedelta(hours=72), visits=100),
        Purchase(NOW, items=(Item("tea", 10_000, 1_000_000_000),)),
        Purchase(NOW, 1000, items=(Item("tea", 1, 500),) * 2),
        Purchase(NOW, action="review"),
    ],
)
def test_what_can_be_is_let_through(purchase: Purchase) -> None:
    check(SHOP, purchase, NOW)
