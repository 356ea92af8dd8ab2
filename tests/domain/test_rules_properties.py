"""What holds for every program and every purchase."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.plain_program import make_program
from wallet_service.domain.program import Program, Ratio, Rounding
from wallet_service.domain.rule import (
    Condition,
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
from wallet_service.domain.rules import Circumstances, Item, Purchase, evaluate, what_is_left

NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

totals = st.integers(0, 1_000_000)
rates = st.builds(PerAmount, st.integers(1, 20_000), st.integers(1, 100))
factors = st.tuples(st.integers(1, 7), st.integers(1, 7))
effects: st.SearchStrategy[Effect] = st.one_of(
    rates,
    st.builds(Flat, st.integers(1, 50)),
    st.builds(Each, st.just("visit"), st.integers(1, 5)),
    st.builds(Multiply, factors),
    st.builds(Grant, st.integers(1, 50)),
)
conditions = st.builds(
    Condition, st.just("total"), st.sampled_from([">=", "<"]), st.tuples(st.integers(1, 500_000))
)
limits = st.builds(Limit, times=st.none() | st.integers(1, 3), points=st.none() | st.integers(1, 100))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    count = draw(st.integers(1, 6))
    rules = tuple(draw(_rule(number)) for number in range(count))
    return make_program(rules=rules, rounding=draw(st.sampled_from(Rounding)), visit_minimum=draw(totals))


@st.composite
def _rule(draw: st.DrawFn, number: int) -> Rule:
    return Rule(
        id=f"rule-{number}",
        trigger=draw(st.sampled_from([Trigger.PURCHASE, Trigger.VISIT])),
        then=tuple(draw(st.lists(effects, min_size=1, max_size=3))),
        every=tuple(draw(st.lists(conditions, max_size=1))),
        limit=draw(st.none() | limits),
        alone=draw(st.booleans()),
        priority=draw(st.integers(0, 2)),
        dry_run=draw(st.booleans()),
    )


def bought(total: int) -> Purchase:
    return Purchase(NOON, total)


@given(programs(), totals, st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_written_does_not_matter(
    program: Program, total: int, dice: Random
) -> None:
    shuffled = list(program.rules)
    dice.shuffle(shuffled)
    one = evaluate(program, bought(total))
    other = evaluate(replace(program, rules=tuple(shuffled)), bought(total))
    assert (one.points, one.grants, one.carried, sorted(one.uses)) == (
        other.points,
        other.grants,
        other.carried,
        sorted(other.uses),
    )


@given(programs(), totals)
def test_each_rule_that_is_concerned_is_told(program: Program, total: int) -> None:
    told = {dict(step.facts).get("id") for step in evaluate(program, bought(total)).steps}
    assert {rule.id for rule in program.rules} <= told


@given(programs(), totals)
def test_what_stands_alone_wins_alone(program: Program, total: int) -> None:
    value = evaluate(program, bought(total))
    winners = {dict(step.facts)["by"] for step in value.steps if step.rule == "overruled"}
    assert len(winners) <= 1
    for winner in winners:
        kept = replace(program, rules=tuple(rule for rule in program.rules if rule.id == winner))
        alone = evaluate(kept, bought(total))
        assert (alone.points, alone.grants, alone.carried) == (value.points, value.grants, value.carried)


@given(
    st.lists(rates, min_size=1, max_size=5), st.lists(factors, max_size=3), totals, st.sampled_from(Rounding)
)
def test_rounding_happens_once(rates: list[PerAmount], by: list[Ratio], total: int, mode: Rounding) -> None:
    effects: list[Effect] = [*rates, *map(Multiply, by)]
    rules = tuple(Rule(str(number), Trigger.PURCHASE, (effect,)) for number, effect in enumerate(effects))
    exact = Fraction(sum(Fraction(total * rate.give, rate.per) for rate in rates))
    for num, den in by:
        exact *= Fraction(num, den)
    points = evaluate(make_program(rules=rules, rounding=mode), bought(total)).points
    expected = {
        Rounding.CARRY: exact.__floor__(),
        Rounding.FLOOR: exact.__floor__(),
        Rounding.HALF_UP: (exact + Fraction(1, 2)).__floor__(),
        Rounding.CEIL: exact.__ceil__(),
    }
    assert points == expected[mode]


@given(rates, st.lists(totals, min_size=1, max_size=8))
def test_a_spend_split_over_visits_earns_what_one_visit_would(rate: PerAmount, parts: list[int]) -> None:
    program = make_program(rules=(Rule("rate", Trigger.PURCHASE, (rate,)),))
    whole = evaluate(program, bought(sum(parts)))
    earned, carried = _one_after_the_other(program, parts)
    assert (earned, carried) == (whole.points, whole.carried)


@given(programs(), st.lists(totals, min_size=1, max_size=6))
def test_carrying_never_invents(program: Program, parts: list[int]) -> None:
    """Visit by visit the exact worth less what was given is the fraction, and that is less than a point."""
    program = replace(program, rounding=Rounding.CARRY)
    earned, carried = _one_after_the_other(program, parts)
    exact = sum(_exact(program, part) for part in parts)
    assert earned + Fraction(*carried) == exact
    assert 0 <= Fraction(*carried) < 1


def _one_after_the_other(program: Program, totals: list[int]) -> tuple[int, Ratio]:
    earned, carried = 0, (0, 1)
    for total in totals:
        value = evaluate(program, bought(total), Circumstances(carried=carried))
        earned, carried = earned + value.points, value.carried
    return earned, carried


def _exact(program: Program, total: int) -> Fraction:
    value = evaluate(program, bought(total))
    return value.points + Fraction(*value.carried)


@given(programs(), totals, st.tuples(st.integers(-100, 100), st.integers(1, 100)))
def test_a_fraction_below_nothing_is_kept_to_the_last_part(
    program: Program, total: int, carried: Ratio
) -> None:
    program = replace(program, rounding=Rounding.CARRY)
    value = evaluate(program, bought(total), Circumstances(carried=carried))
    assert value.points >= 0
    assert value.points + Fraction(*value.carried) == _exact(program, total) + Fraction(*carried)


@given(
    programs(),
    st.integers(1, 1_000_000),
    st.integers(0, 100),
    st.lists(st.integers(0, 1_000_000), min_size=2),
)
def test_the_more_came_back_the_less_is_left_and_of_all_nothing(
    program: Program, total: int, visits: int, came_back: list[int]
) -> None:
    items = (Item("tea", 7, total // 2), Item("bread", 1))
    purchase = Purchase(NOON, total, visits=visits or None, items=items)
    lefts = [what_is_left(program, purchase, refunded) for refunded in sorted(came_back)]
    for more, less in pairwise(lefts):
        assert (more.total or 0) >= (less.total or 0)
        assert visits >= (more.visits or 0) >= (less.visits or 0)
        assert sum(item.quantity for item in more.items) >= sum(item.quantity for item in less.items)
    assert evaluate(program, what_is_left(program, purchase, total)).steps == ()
