"""What machines do with programs of every kind: items, points as money, refunds in parts, tiers."""

from __future__ import annotations

import json
from typing import Any

from tests.api.till import Till, answer, problem
from tests.house.tree import ROOT

PROGRAMS = ROOT / "docs/programs"


def open_program(till: Till, name: str, **changes: Any) -> str:
    """One of the worked examples, as a program of its own beside the demo."""
    till.shop.program = name
    body = json.loads((PROGRAMS / f"{name}.json").read_text())
    till.shop.publish(**{"welcome": 0, "visit_minimum": 0, "rewards": []} | body | changes)
    return str(answer(till.post(f"/programs/{name}/cards"))["serial"])


def test_items_and_their_categories_decide_what_is_earned(till: Till) -> None:
    card = open_program(till, "points-shop")
    basket: dict[str, Any] = {
        "total": 50000,
        "items": [
            {"id": "rye", "category": "bread", "quantity": 2, "total": 12000},
            {"id": "smokes", "category": "tobacco", "total": 20000},
        ],
    }
    quoted = answer(till.ask("POST", f"/cards/{card}/quotes", json=basket))
    booked = till.buy(card, **basket)
    assert quoted["points"] == booked["entry"]["points"] == 15 + 20
    assert quoted["explanation"] == booked["entry"]["explanation"]
    assert [line["rule"] for line in quoted["would_earn"]] == ["amount", "item"]
    assert {line["points"] for line in quoted["would_not_earn"]} == {0}


def test_where_and_how_somebody_bought_decides_too(till: Till) -> None:
    card = open_program(till, "points-shop")
    plain = till.buy(card, total=10000)["entry"]["points"]
    online = till.buy(card, total=10000, channel="app", payment="bank-card")["entry"]["points"]
    assert (plain, online) == (5, 25)


def test_something_done_without_buying_is_a_gift(till: Till) -> None:
    card = open_program(till, "points-shop")
    booked = till.buy(card, action="review")
    assert (booked["entry"]["kind"], booked["entry"]["points"]) == ("earn", 0)
    assert [kind for kind, points in till.entries(card) if points == 25] == ["grant"]


def test_a_quote_says_what_may_be_taken_off_and_paid(till: Till) -> None:
    card = open_program(till, "growing-discount")
    answer(till.post(f"/cards/{card}/purchases", {"total": 1_000_000}))
    quoted = answer(till.ask("POST", f"/cards/{card}/quotes", json={"total": 200_000}))
    assert (quoted["discount"], quoted["can_pay"]) == (6000, 0)
    assert till.card(card)["tier"] == "three"


def test_points_pay_for_a_part_of_a_receipt(till: Till) -> None:
    card = open_program(till, "cashback", pending_days=0)
    till.buy(card, total=1_000_000)
    quoted = answer(till.ask("POST", f"/cards/{card}/quotes", json={"total": 60000}))
    assert quoted["can_pay"] == 30000
    too_much = till.post(f"/cards/{card}/redemptions", {"points": 40000, "total": 60000})
    assert problem(too_much) == (409, "cannot-pay-that")
    assert too_much.json
    assert (too_much.json["most"], too_much.json["money"]) == (30000, 40000)
    paid = answer(till.post(f"/cards/{card}/redemptions", {"points": 30000, "total": 60000}))
    assert (paid["entry"]["kind"], paid["entry"]["points"]) == ("redeem", -30000)
    assert paid["card"]["spendable"] == 30000


def test_a_receipt_comes_back_in_parts_and_never_more_than_it_was(till: Till) -> None:
    card = open_program(till, "points-shop")
    till.buy(card, total=100_000, receipt="R-1", store="north")
    path = f"/cards/{card}/refunds"
    part = answer(till.post(path, {"receipt": "R-1", "total": 60_000, "store": "north"}))
    assert (part["entry"]["kind"], part["entry"]["total"]) == ("refund", -60_000)
    more = till.post(path, {"receipt": "R-1", "total": 50_000})
    assert problem(more) == (409, "refund-too-large")
    assert more.json
    assert (more.json["bought"], more.json["refunded"], more.json["left"]) == (100_000, 60_000, 40_000)
    rest = answer(till.post(path, {"receipt": "R-1"}))
    assert rest["entry"]["points"] + part["entry"]["points"] == -70
    assert problem(till.post(path, {"receipt": "R-1", "store": "south"})) == (404, "unknown-receipt")


def test_a_large_correction_is_not_approved_by_a_name(till: Till) -> None:
    card = open_program(till, "points-shop", adjustment_limit=100)
    path = f"/cards/{card}/adjustments"
    alone = till.post(path, {"points": 101, "reason": "a broken till"})
    named = till.post(path, {"points": 101, "reason": "a broken till", "approved_by": "staff:2"})
    assert problem(alone) == problem(named) == (409, "second-person-needed")
    assert answer(till.post(path, {"points": 100, "reason": "a broken till"}))["entry"]["points"] == 100


def test_a_reward_that_is_gone_or_not_for_this_tier_says_so(till: Till) -> None:
    kept = json.loads((PROGRAMS / "tiers.json").read_text())
    dessert = kept["rewards"][0] | {"stock": 1}
    late = kept["rewards"][0] | {"id": "late", "valid": ["2027-01-01", None]}
    card = open_program(till, "tiers", rewards=[dessert, late, *kept["rewards"][1:]])
    till.buy(card, total=10_000_000)
    answer(till.post(f"/cards/{card}/redemptions", {"reward": "dessert"}))
    gone = till.post(f"/cards/{card}/redemptions", {"reward": "dessert"})
    assert problem(gone) == (409, "out-of-stock")
    early = till.post(f"/cards/{card}/redemptions", {"reward": "late"})
    assert problem(early) == (409, "reward-not-now")
    other = str(answer(till.post("/programs/tiers/cards"))["serial"])
    for_gold = till.post(f"/cards/{other}/redemptions", {"reward": "chefs-table"})
    assert problem(for_gold) == (409, "tier-needed")


def test_what_burns_next_is_told(till: Till) -> None:
    card = open_program(till, "cashback", pending_days=0)
    till.buy(card, total=100_000)
    assert till.card(card)["expiring"] == {"points": 15000, "at": "2027-06-30T19:00:00Z"}


def test_what_cannot_be_spent_yet_is_told_apart(till: Till) -> None:
    card = open_program(till, "cashback")
    bought = till.buy(card, total=100_000)["card"]
    assert (bought["balance"], bought["spendable"], bought["pending"]) == (10_000, 10_000, 5_000)
    till.shop.clock.forward(days=14)
    later = till.card(card)
    assert (later["balance"], later["spendable"], later["pending"]) == (15_000, 15_000, 0)
