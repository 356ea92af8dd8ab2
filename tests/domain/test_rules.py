"""What a purchase is worth, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.domain.plain_program import make_level, make_program
from wallet_service.domain.program import Program, Rounding, Tiers
from wallet_service.domain.rule import (
    Bands,
    Condition,
    Discount,
    Each,
    Effect,
    Flat,
    Grant,
    Limit,
    Multiply,
    PerAmount,
    Rule,
    Trigger,
)
from wallet_service.domain.rules import (
    Circumstances,
    Evaluation,
    Item,
    Purchase,
    as_basis,
    evaluate,
    evaluate_join,
    from_basis,
    limit_periods,
    what_is_left,
)

SATURDAY_NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # in Moscow
FIVE_PER_HUNDRED = PerAmount(10000, 5)


def rule(*then: Effect, id: str = "rule", trigger: Trigger = Trigger.PURCHASE, **fields: Any) -> Rule:
    return Rule(id, trigger, then, **fields)


def shop(*rules: Rule, **fields: Any) -> Program:
    return make_program(rules=rules, **fields)


def bought(total: int | None = None, **fields: Any) -> Purchase:
    return Purchase(fields.pop("at", SATURDAY_NOON), total, **fields)


def keys(value: Evaluation, fired: bool = True) -> list[str]:
    return [step.rule for step in value.steps if step.fired is fired]


def facts(value: Evaluation, key: str) -> dict[str, Any]:
    return next(dict(step.facts) for step in value.steps if step.rule == key)


LATTE = Item("latte", 2, 40000, "coffee")
CIGARETTES = Item("cigarettes", 1, 20000, "tobacco")


@pytest.mark.parametrize(
    ("then", "purchase", "points"),
    [
        pytest.param(Flat(7), bought(1), 7, id="so many whatever was bought"),
        pytest.param(FIVE_PER_HUNDRED, bought(30000), 15, id="five per hundred"),
        pytest.param(FIVE_PER_HUNDRED, bought(3999), 1, id="in proportion, not per full hundred"),
        pytest.param(FIVE_PER_HUNDRED, bought(visits=3), 0, id="no total, nothing by amount"),
        pytest.param(Each("visit", 2), bought(visits=3), 6, id="two for each visit"),
        pytest.param(Each("visit", 2), bought(500), 2, id="a purchase is a visit"),
        pytest.param(Each("item", 3), bought(items=(LATTE, CIGARETTES)), 9, id="three for any item"),
        pytest.param(Each("item", 3, "coffee"), bought(items=(LATTE, CIGARETTES)), 6, id="of a category"),
        pytest.param(Each("item", 3, "cigarettes"), bought(items=(LATTE, CIGARETTES)), 3, id="of an id"),
        pytest.param(Each("item", 3, "tea"), bought(items=(LATTE,)), 0, id="of none"),
    ],
)
def test_what_a_rule_gives(then: Effect, purchase: Purchase, points: int) -> None:
    assert evaluate(shop(rule(then)), purchase).points == points


@pytest.mark.parametrize(("total", "points"), [(99999, 49), (100000, 70), (299999, 209), (300000, 300)])
def test_a_receipt_earns_by_the_rate_of_its_band(total: int, points: int) -> None:
    bands = Bands(((0, PerAmount(10000, 5)), (100000, PerAmount(10000, 7)), (300000, PerAmount(10000, 10))))
    assert evaluate(shop(rule(bands)), bought(total)).points == points


def test_a_visit_counts_from_its_minimum_and_the_trace_says_how_much_was_short() -> None:
    program = shop(rule(Each("visit", 1), trigger=Trigger.VISIT), visit_minimum=20000)
    assert evaluate(program, bought(20000)).points == 1
    small = evaluate(program, bought(16100))
    assert small.points == 0
    assert facts(small, "visit_too_small") == {"minimum": 20000, "short": 3900, "id": "rule"}
    assert evaluate(program, bought(16100, visits=1)).points == 1


def test_a_rule_of_visits_gives_nothing_for_a_receipt_that_is_none() -> None:
    program = shop(rule(Flat(5), trigger=Trigger.VISIT), visit_minimum=20000)
    assert evaluate(program, bought(19999)).points == 0
    assert evaluate(program, bought(20000)).points == 5


def test_excluded_categories_earn_nothing_by_amount() -> None:
    program = shop(rule(FIVE_PER_HUNDRED), excluded=("tobacco",))
    value = evaluate(program, bought(60000, items=(LATTE, CIGARETTES)))
    assert value.points == 20
    assert facts(value, "amount")["total"] == 40000


def test_an_action_fires_the_rules_of_actions_alone() -> None:
    program = shop(rule(Flat(5)), rule(Grant(3), id="review", trigger=Trigger.ACTION))
    value = evaluate(program, bought(action="review"))
    assert (value.points, value.grants, value.status) == (0, 3, 0)
    both = evaluate(program, bought(100, action="review"))
    assert (both.points, both.grants) == (5, 3)


# ---- Conditions ---------------------------------------------------------------------------------------

MORNING = ("local_time", "between", ("08:00", "11:00"))
LATE = ("local_time", "between", ("22:00", "02:00"))


def at(hour: int, minute: int = 0) -> datetime:
    """On Saturday by the clock of Moscow."""
    return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(hours=hour - 3, minutes=minute)


@pytest.mark.parametrize(
    ("condition", "purchase", "missing"),
    [
        (("total", ">=", (30000,)), bought(30000), None),
        (("total", ">=", (30000,)), bought(26100), ("missing_total", {"minimum": 30000, "short": 3900})),
        (("total", ">=", (30000,)), bought(visits=1), ("missing_total", {"minimum": 30000, "short": 30000})),
        (("total", ">", (100,)), bought(100), ("missing_total", {"minimum": 101, "short": 1})),
        (("total", "<=", (100,)), bought(130), ("above_total", {"most": 100, "over": 30})),
        (("total", "<", (100,)), bought(100), ("above_total", {"most": 99, "over": 1})),
        (("total", "between", (100, 200)), bought(200), None),
        (("total", "between", (100, 200)), bought(201), ("above_total", {"most": 200, "over": 1})),
        (("item", "has", ("coffee",)), bought(items=(LATTE,)), None),
        (
            ("item", "has", ("coffee",), 3),
            bought(items=(LATTE,)),
            ("missing_item", {"item": "coffee", "wanted": 3, "had": 2}),
        ),
        (("weekday", "in", (6, 7)), bought(1), None),
        (("weekday", "in", (1, 2)), bought(1), ("missing_weekday", {"days": "1,2"})),
        (("weekday", "in", (6,)), bought(1, at=at(23, 59)), None),
        (("weekday", "in", (6,)), bought(1, at=at(24)), ("missing_weekday", {"days": "6"})),
        (MORNING, bought(1, at=at(8)), None),
        (MORNING, bought(1, at=at(11)), ("missing_time", {"start": "08:00", "end": "11:00"})),
        (LATE, bought(1, at=at(22)), None),
        (LATE, bought(1, at=at(1, 59)), None),
        (LATE, bought(1, at=at(2)), ("missing_time", {"start": "22:00", "end": "02:00"})),
        (("channel", "in", ("app", "web")), bought(1, channel="web"), None),
        (("channel", "in", ("app", "web")), bought(1), ("missing_channel", {"wanted": "app,web"})),
        (("payment", "not in", ("gift",)), bought(1, payment="card"), None),
        (
            ("payment", "not in", ("gift",)),
            bought(1, payment="gift"),
            ("excluded_by", {"field": "payment", "value": "gift"}),
        ),
        (("payment", "not in", ("gift",)), bought(1), ("missing_payment", {"wanted": ""})),
        (("store", "in", ("north",)), bought(1, store="south"), ("missing_store", {"wanted": "north"})),
        (("action", "in", ("review",)), bought(1), ("missing_action", {"wanted": "review"})),
        (("tier", "in", ("gold",)), bought(1), ("missing_tier", {"tiers": "gold"})),
        (("tier", "not in", ("gold",)), bought(1), None),
    ],
)
def test_a_condition_holds_or_tells_what_was_missing(
    condition: tuple[Any, ...], purchase: Purchase, missing: tuple[str, dict[str, Any]] | None
) -> None:
    value = evaluate(shop(rule(Grant(1), every=(Condition(*condition),))), purchase)
    assert value.grants == (missing is None)
    told = [(step.rule, dict(step.facts)) for step in value.steps if not step.fired]
    assert told == ([(missing[0], missing[1] | {"id": "rule"})] if missing else [])


def test_everything_that_was_missing_is_told() -> None:
    both = (Condition("total", ">=", (30000,)), Condition("weekday", "in", (1,)))
    value = evaluate(shop(rule(Flat(1), every=both)), bought(100))
    assert keys(value, fired=False) == ["missing_total", "missing_weekday"]


def test_one_of_some_is_enough_and_none_is_not() -> None:
    some = (Condition("channel", "in", ("app",)), Condition("store", "in", ("north",)))
    program = shop(rule(Flat(1), some=some))
    assert evaluate(program, bought(1, store="north")).points == 1
    assert keys(evaluate(program, bought(1, store="south")), fired=False) == ["missing_any"]


@pytest.mark.parametrize(
    ("days", "missing"),
    [
        (("2026-11-21", "2026-11-21"), []),
        (("2026-11-22", None), ["not_yet"]),
        ((None, "2026-11-20"), ["no_longer"]),
    ],
)
def test_a_rule_runs_from_its_first_to_its_last_local_day(
    days: tuple[str | None, str | None], missing: list[str]
) -> None:
    value = evaluate(shop(rule(Flat(1), first_day=days[0], last_day=days[1])), bought(1))
    assert keys(value, fired=False) == missing


# ---- Adding up ----------------------------------------------------------------------------------------


def test_bases_add_up_before_everything_multiplies_them() -> None:
    rules = (rule(FIVE_PER_HUNDRED, id="a"), rule(Flat(5), id="b"), rule(Multiply((3, 2)), Grant(1), id="c"))
    value = evaluate(shop(*rules, rule(Multiply((2, 1)), id="d")), bought(30000))
    assert (value.points, value.grants) == (60, 1)
    assert keys(value) == ["amount", "flat", "gift", "multiplied", "multiplied"]
    assert sum(step.points for step in value.steps) == value.points + value.grants


def test_the_tier_multiplies_what_is_earned_but_no_gift() -> None:
    tiers = Tiers("points", (make_level("Gold", 100, multiplier=(3, 2)),))
    program = shop(rule(Flat(10), Grant(4)), tiers=tiers)
    value = evaluate(program, bought(1), Circumstances(tier="gold"))
    assert (value.points, value.grants, value.status) == (15, 4, 15)
    assert facts(value, "tier") == {"num": 3, "den": 2, "tier": "gold"}


def test_a_cap_is_for_the_rules_own_base() -> None:
    capped = rule(FIVE_PER_HUNDRED, id="capped", limit=Limit(points=10))
    value = evaluate(shop(capped, rule(Flat(100), id="other"), rule(Multiply((2, 1)))), bought(30000))
    assert value.points == 220
    assert facts(value, "capped") == {"most": 10, "was": 15, "id": "capped"}


def test_the_one_that_stands_alone_with_the_highest_priority_wins() -> None:
    alone = [
        rule(Flat(points), id=name, alone=True, priority=points) for name, points in (("a", 1), ("b", 2))
    ]
    value = evaluate(shop(rule(Flat(50), id="with_all"), *alone), bought(1))
    assert value.points == 2
    overruled = [dict(step.facts) for step in value.steps if step.rule == "overruled"]
    assert overruled == [{"by": "b", "id": "with_all"}, {"by": "b", "id": "a"}]


def test_one_that_does_not_fire_overrules_nobody() -> None:
    alone = rule(Each("item", 9, "cake"), id="alone", alone=True)
    used_up = rule(Flat(9), id="used_up", alone=True, limit=Limit(times=1))
    value = evaluate(shop(rule(Flat(5)), alone, used_up), bought(1), Circumstances(used={"used_up": 1}))
    assert value.points == 5


def test_a_dry_run_tells_what_it_would_have_given_and_gives_nothing() -> None:
    dry = rule(Multiply((2, 1)), Grant(3), id="dry", alone=True, dry_run=True, limit=Limit(times=1))
    value = evaluate(shop(rule(Flat(5)), dry), bought(1), Circumstances(used={"dry": 1}))
    assert (value.points, value.grants, value.uses) == (5, 0, ())
    assert facts(value, "dry_run") == {"points": 8, "id": "dry"}


# ---- Limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("used", "points", "uses", "left"), [(0, 3, 3, None), (3, 2, 2, 2), (5, 0, None, 0)])
def test_a_limit_reduces_and_never_refuses(
    used: int, points: int, uses: int | None, left: int | None
) -> None:
    program = shop(rule(Each("visit", 1), limit=Limit(times=5, window="week")))
    value = evaluate(program, bought(visits=3), Circumstances(used={"rule": used}))
    assert value.points == points
    assert value.uses == ((("rule", uses),) if uses else ())
    if left is not None:
        assert facts(value, "limited") == {"times": 5, "window": "week", "left": left, "id": "rule"}


def test_each_limited_rule_has_the_window_that_runs_by_the_local_clock() -> None:
    windows = ("day", "week", "month", "year", "ever")
    rules = [rule(Flat(1), id=name, limit=Limit(times=1, window=name)) for name in windows]
    program = shop(*rules, rule(Flat(1), id="free"), rule(Flat(1), id="capped", limit=Limit(points=1)))
    almost_midnight = datetime(2026, 12, 31, 21, 30, tzinfo=UTC)
    assert limit_periods(program, almost_midnight) == {
        "day": "2027-01-01",
        "week": "2026-W53",
        "month": "2027-01",
        "year": "2027",
        "ever": "ever",
    }


# ---- Rounding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "points", "told"),
    [
        (Rounding.CARRY, 2, "carried_out"),
        (Rounding.FLOOR, 2, "rounded"),
        (Rounding.HALF_UP, 3, "rounded"),
        (Rounding.CEIL, 3, "rounded"),
    ],
)
def test_two_halves_and_a_half_are_rounded_by_the_mode(mode: Rounding, points: int, told: str) -> None:
    value = evaluate(shop(rule(FIVE_PER_HUNDRED), rounding=mode), bought(5000))
    assert value.points == points
    assert keys(value) == ["amount", told]


def test_the_fraction_waits_for_the_next_visit() -> None:
    program = shop(rule(FIVE_PER_HUNDRED))
    first = evaluate(program, bought(5000))
    second = evaluate(program, bought(5000), Circumstances(carried=first.carried))
    assert (first.points, first.carried, second.points, second.carried) == (2, (1, 2), 3, (0, 1))
    assert keys(second) == ["amount", "carried_in"]


def test_what_a_refund_left_owing_is_never_told_as_points_below_nothing() -> None:
    program = shop(rule(FIVE_PER_HUNDRED))
    owing = evaluate(program, bought(5000), Circumstances(carried=(-4, 1)))
    assert (owing.points, owing.carried) == (0, (-3, 2))


# ---- Discounts, status, paid tiers ----------------------------------------------------------------------


def test_the_best_single_discount_is_suggested() -> None:
    tiers = Tiers("spend", (make_level("Ten", 1000, discount=(10, 1)),))
    rules = (rule(Discount(percent=(5, 1)), id="a"), rule(Discount(money=3000), id="b"))
    program = shop(*rules, tiers=tiers)
    assert evaluate(program, bought(20000)).discount == 3000
    best = evaluate(program, bought(50000), Circumstances(tier="ten"))
    assert best.discount == 5000
    assert keys(best) == ["discount", "discount_money", "tier_discount"]
    assert evaluate(program, bought(2000)).discount == 2000  # never more than the receipt
    assert evaluate(shop(rule(Flat(1))), bought(2000)).discount is None


@pytest.mark.parametrize(("counts", "status"), [("points", 15), ("spend", 30000), ("visits", 1)])
def test_status_is_made_of_what_the_tiers_count(counts: str, status: int) -> None:
    program = shop(rule(FIVE_PER_HUNDRED, Grant(50)), tiers=Tiers(counts, (make_level("Gold", 100),)))
    assert evaluate(program, bought(30000)).status == status


def test_a_receipt_buys_months_of_a_tier() -> None:
    club = make_level("Club", paid_item="club-month", paid_months=3)
    program = shop(rule(Flat(1)), tiers=Tiers("visits", (club,)))
    value = evaluate(program, bought(90000, items=(Item("club-month", 2),)))
    assert value.paid == ("club", 6)
    assert facts(value, "paid_tier") == {"tier": "club", "months": 6}
    assert evaluate(program, bought(90000)).paid is None


def test_joining_gives_gifts_and_no_more() -> None:
    join = [rule(effect, id=name, trigger=Trigger.JOIN) for name, effect in (("a", Flat(5)), ("b", Grant(3)))]
    program = shop(rule(Flat(100)), *join, tiers=Tiers("points", (make_level("Gold", 1),)))
    value = evaluate_join(program, SATURDAY_NOON)
    assert (value.points, value.grants, value.status, value.carried) == (0, 8, 0, (0, 1))
    assert keys(value) == ["flat", "gift"]
    assert evaluate(program, bought(1)).points == 100


# ---- Deciding again -------------------------------------------------------------------------------------


def test_what_decided_is_kept_without_the_receipts_number_and_decides_the_same_again() -> None:
    purchase = bought(60000, currency="RUB", receipt="42", items=(LATTE, CIGARETTES), channel="web", visits=2)
    circumstances = Circumstances("gold", (-1, 3), {"rule": 2})
    basis = as_basis(purchase, circumstances)
    assert "receipt" not in basis["purchase"]
    assert from_basis(basis) == (replace(purchase, receipt=None), circumstances)


def test_what_is_left_of_a_purchase_pays_for_the_dearest_items_first() -> None:
    left = what_is_left(shop(visit_minimum=20000), bought(60000, visits=4, items=(LATTE, CIGARETTES)), 20000)
    assert (left.total, left.visits) == (40000, 2)
    assert left.items == (LATTE, Item("cigarettes", 0, 0, "tobacco"))


def test_a_visit_stays_one_while_enough_is_left() -> None:
    program = shop(rule(Each("visit", 1)), visit_minimum=20000)
    for purchase in (bought(30000), bought(30000, visits=1)):
        assert evaluate(program, what_is_left(program, purchase, 10000)).points == 1
        assert evaluate(program, what_is_left(program, purchase, 10001)).points == 0


def test_nothing_is_left_of_what_came_back_whole() -> None:
    rules = [rule(Flat(5), Grant(1), id=name, trigger=name) for name in (Trigger.PURCHASE, Trigger.ACTION)]
    program = shop(*rules, tiers=Tiers("visits", (make_level("Gold", 10),)))
    left = what_is_left(program, bought(30000, visits=1, items=(LATTE,), action="review"), 30000)
    value = evaluate(program, left)
    assert (value.points, value.grants, value.status, value.steps) == (0, 0, 0, ())
