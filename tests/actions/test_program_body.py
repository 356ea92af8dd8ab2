"""The JSON of a program: what is read of it, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.actions.program_bodies import EXAMPLES, NOW
from tests.shop import DEMO
from wallet_service.actions.program_body import faults, program, to_keep
from wallet_service.domain.program import Expiry, ExpiryKind, Level, Paying, Rounding
from wallet_service.domain.rule import Bands, Condition, Each, Limit, PerAmount, Rule, Trigger
from wallet_service.domain.rules import Circumstances, Item, Purchase, evaluate, evaluate_join, limit_periods


def test_there_is_an_example_of_each_kind() -> None:
    assert set(EXAMPLES) == {
        "cashback",
        "coffee-stamps",
        "growing-discount",
        "points-shop",
        "subscription",
        "tiers",
    }


@pytest.mark.parametrize("body", [DEMO, *EXAMPLES.values()], ids=["demo", *EXAMPLES])
def test_each_example_is_right_and_kept_as_the_same_body(body: dict[str, Any]) -> None:
    assert faults(body) == []
    kept = to_keep(body)
    assert to_keep(kept) == kept
    assert program("shop", 1, kept) == program("shop", 1, body)


def test_an_example_is_read_to_its_last_word() -> None:
    points, tiers = (program("shop", 1, EXAMPLES[name]) for name in ("points-shop", "tiers"))
    rates = ((0, PerAmount(10000, 5)), (100000, PerAmount(10000, 7)), (300000, PerAmount(10000, 10)))
    assert points.rules[0] == Rule("receipt", Trigger.PURCHASE, (Bands(rates),))
    assert points.rules[1].then == (Each("item", 10, "bread"),)
    assert points.rules[1].limit == Limit(3, "day")
    assert points.rules[3].every == (Condition("payment", "not in", ("gift-card",)),)
    assert points.rules[3].some[1] == Condition("store", "in", ("pick-up",))
    assert points.expiry == Expiry(ExpiryKind.ROLLING, 12, "month", (), 14)
    assert evaluate_join(points, NOW).grants == 30
    opening = tiers.rules[2]
    assert (opening.alone, opening.priority, opening.first_day, opening.last_day) == (
        True,
        10,
        "2026-12-01",
        "2026-12-07",
    )
    assert tiers.rules[3].dry_run
    assert tiers.tiers is not None
    silver = {"en": "Silver", "ru": "Серебро"}
    assert tiers.tiers.levels[0] == Level("silver", silver, 1000, 3000000, multiplier=(5, 4))
    assert program("shop", 1, EXAMPLES["cashback"]).paying == Paying((1, 1), 10000, (1, 2))


def test_the_worked_example_of_the_page_about_programs() -> None:
    items = (Item("rye", 4, 48000, "bread"), Item("cigarettes", 1, 20000, "tobacco"))
    purchase = Purchase(NOW, 131990, items=items, channel="app", payment="card")
    card = Circumstances(carried=(1, 2), used={"fresh-bread": 1})
    value = evaluate(program("shop", 1, EXAMPLES["points-shop"]), purchase, card)
    assert (value.points, value.carried) == (178, (179, 2000))
    assert value.uses == (("fresh-bread", 2), ("online-order", 1))


# ---- Kept as it was said ------------------------------------------------------------------------------

BEFORE = {name: value for name, value in DEMO.items() if name not in ("rules", "visit_minimum")} | {
    "earning": {"per_visit": 1, "visit_minimum": 20000, "per_amount": 10000, "give": 5}
}


def test_what_goes_without_saying_is_not_written_down() -> None:
    said = DEMO | {"rounding": "carry", "pending_days": 0, "paying": None, "refunds": "allow_negative"}
    assert to_keep(said) == to_keep(DEMO) == DEMO


def test_a_program_from_before_there_were_rules_still_works_as_it_did() -> None:
    value = program("coffee", 1, BEFORE)
    assert value.rules == (
        Rule("visit", Trigger.VISIT, (Each("visit", 1),)),
        Rule("amount", Trigger.PURCHASE, (PerAmount(10000, 5),)),
    )
    assert (value.visit_minimum, value.rounding) == (20000, Rounding.FLOOR)


def test_a_program_from_before_there_were_rules_is_still_the_same_body() -> None:
    """As an older release stored it: the whole of `earning`, and a welcome gift of none."""
    file = {name: value for name, value in BEFORE.items() if name != "welcome"} | {
        "earning": {"per_visit": 1}
    }
    stored = file | {
        "earning": {"per_visit": 1, "visit_minimum": 0, "per_amount": 0, "give": 0},
        "welcome": 0,
    }
    assert to_keep(file) == to_keep(stored) == stored


def test_a_version_that_was_published_works_though_it_would_be_refused_today() -> None:
    yen = DEMO | {"currency": "JPY"}
    assert faults(yen)
    assert program("coffee", 1, yen).currency == "JPY"


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key inside a body."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


words = st.sampled_from(
    ["join", "in", "tier", "gold", "bands", "each", "rolling", "money", "12-31", "", "ru", "~"]
)
numbers = st.integers(-2, 3) | st.sampled_from([10**9, 10**30]) | st.floats()
leaves = st.none() | st.booleans() | numbers | words
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
)


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_whatever_stands_anywhere_is_told_as_a_fault_or_works(example: str, data: st.DataObject) -> None:
    body = deepcopy(EXAMPLES[example])
    for _ in range(data.draw(st.integers(1, 3))):
        inner, key = data.draw(st.sampled_from(list(places(body))))
        inner[key] = data.draw(anything)
    if found := faults(body):
        assert all(fault.place and fault.sentence.endswith(".") and fault.remedy for fault in found)
        return
    value = program("shop", 1, json.loads(json.dumps(to_keep(body))))
    items = (Item("club-month"), Item("coffee", 2, 1000, "bread"))
    evaluate(
        value, Purchase(NOW, 123_456, items=items, action="review", channel="web"), Circumstances("gold")
    )
    evaluate_join(value, NOW)
    limit_periods(value, NOW)
