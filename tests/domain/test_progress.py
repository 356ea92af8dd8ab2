"""The bar's figures, and which sentence goes with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.plain_program import make_program
from wallet_service.domain.progress import Kind, Progress, Stage, Standing, progress, stage, usual_step
from wallet_service.domain.rule import (
    Bands,
    Condition,
    Each,
    Effect,
    Flat,
    Multiply,
    PerAmount,
    Rule,
    Trigger,
)

COUNTS = st.integers(-1000, 1000)
STANDINGS = st.builds(
    Standing,
    balance=COUNTS,
    status=COUNTS,
    endowed=COUNTS,
    gained=st.integers(0, 1000),
    last=st.sampled_from([None, *Kind]),
)


@given(STANDINGS, st.integers(1, 1000))
def test_11_the_bar_is_never_below_nothing_and_full_only_when_earned(standing: Standing, goal: int) -> None:
    shown = progress(standing, goal, cells=False)
    assert shown.value >= 0
    assert 0 <= shown.endowed <= shown.value
    assert 0 <= shown.gained <= shown.value
    assert 0 <= shown.to_go <= goal
    assert shown.ready == (standing.balance >= goal) == (shown.to_go == 0)


@given(STANDINGS, st.integers(1, 1000), st.integers(1, 1000), st.booleans())
def test_only_a_full_bar_says_that_the_reward_waits(
    standing: Standing, goal: int, step: int, reached: bool
) -> None:
    shown = progress(standing, goal, cells=False)
    told = stage(standing, shown, step, reached)
    assert told is not Stage.READY or shown.ready
    assert told not in (Stage.NEAR, Stage.ONE_STEP) or shown.to_go > 0


def earned(balance: int, goal: int = 100, step: int = 1, *, reached: bool = False) -> Stage:
    standing = Standing(balance, status=balance, gained=1, last=Kind.EARN)
    return stage(standing, progress(standing, goal, cells=False), step, reached)


@pytest.mark.parametrize(
    ("balance", "told"),
    [
        (0, Stage.EARLY),
        (49, Stage.EARLY),
        (50, Stage.LATE),
        (79, Stage.LATE),
        (80, Stage.NEAR),
        (98, Stage.NEAR),
        (99, Stage.ONE_STEP),
        (100, Stage.READY),
        (250, Stage.READY),
    ],
)
def test_the_sentence_follows_how_near_the_goal_is(balance: int, told: Stage) -> None:
    assert earned(balance) is told


def test_one_usual_purchase_away_is_told_as_such_however_long_the_rest() -> None:
    assert earned(60, step=40) is Stage.ONE_STEP
    assert earned(60, step=39) is Stage.LATE


def test_a_smaller_reward_on_the_way_is_told_when_it_is_reached() -> None:
    assert earned(12, goal=60, reached=True) is Stage.REACHED
    assert earned(60, goal=60, reached=True) is Stage.READY


@pytest.mark.parametrize(
    ("kind", "told"),
    [(Kind.REVERSE, Stage.BACK), (Kind.REFUND, Stage.REFUNDED), (Kind.EXPIRE, Stage.EXPIRED)],
)
@pytest.mark.parametrize("balance", [-5, 0, 7, 12, 30])
def test_D11_going_back_is_always_told(kind: Kind, told: Stage, balance: int) -> None:
    standing = Standing(balance, last=kind)
    assert stage(standing, progress(standing, 12, cells=True), 1) is told


def told_of(standing: Standing) -> Stage:
    return stage(standing, progress(standing, 12, cells=True), 1)


def test_a_gift_is_told_as_the_movement_that_it_came_with() -> None:
    joined = Standing().after(Kind.GRANT, 2, endowed=2)
    assert told_of(joined) is Stage.JOINED
    bought = joined.after(Kind.EARN, 10)
    assert told_of(bought.after(Kind.GRANT, 1)) is Stage.READY
    new_round = bought.after(Kind.REDEEM, -12, endowed=-2).after(Kind.GRANT, 2, endowed=2)
    assert told_of(new_round) is Stage.NEW_ROUND
    assert told_of(new_round.after(Kind.EARN, 1)) is Stage.EARLY


def test_a_gift_beside_a_purchase_leaves_the_new_part_as_it_was() -> None:
    bought = Standing().after(Kind.EARN, 3).after(Kind.GRANT, 5)
    assert (bought.balance, bought.gained) == (8, 3)


def test_a_card_that_was_carried_over_says_so() -> None:
    carried = Standing().after(Kind.IMPORT, 7)
    assert told_of(carried) is Stage.CARRIED_OVER
    assert told_of(Standing().after(Kind.IMPORT, 15)) is Stage.READY


def test_every_stage_has_its_moment() -> None:
    moved = {told_of(Standing(3, last=kind)) for kind in Kind}
    on_the_road = {earned(balance) for balance in range(101)}
    assert moved | on_the_road | {earned(12, goal=60, reached=True), told_of(Standing())} == set(Stage)


def test_D6_the_usual_step_is_the_middle_of_the_last_five_earnings() -> None:
    program = make_program()
    assert usual_step([900, 900, 900, 10, 30, 20, 50, 40], program) == 30
    assert usual_step([0, -5, 10, 0], program) == 10
    assert usual_step([10, 20], program) == 10


def rule(*then: Effect, trigger: Trigger = Trigger.PURCHASE, **more: object) -> Rule:
    return Rule("rule", trigger, then, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "step"),
    [
        ((), 1),
        ((rule(Each("visit", 2)),), 2),
        ((rule(PerAmount(10000, 5)),), 15),
        ((rule(PerAmount(100000, 5)),), 5),
        ((rule(Bands(((0, PerAmount(10000, 1)), (100000, PerAmount(10000, 2))))),), 3),
        ((rule(Each("visit", 1)), rule(Flat(2)), rule(Multiply((3, 2)))), 3),
        ((rule(Flat(2), every=(Condition("tier", "in", ("gold",)),)), rule(Flat(3), dry_run=True)), 1),
        ((rule(Flat(20), trigger=Trigger.JOIN),), 1),
    ],
)
def test_before_the_first_purchase_the_rules_say_what_a_step_is(rules: tuple[Rule, ...], step: int) -> None:
    assert usual_step([], make_program(rules=rules, visit_minimum=30000)) == step


def test_the_bar_knows_when_it_counts_money() -> None:
    assert progress(Standing(12050), 50000, cells=False, money=True) == Progress(12050, 50000, money=True)
