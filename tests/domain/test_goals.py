"""What the bar leads to, for this card, today."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.plain_program import make_level, make_program, make_reward
from wallet_service.domain.goals import Goal, first_goal, goal, goals
from wallet_service.domain.program import Paying, Program, Tiers, Unit

TODAY = date(2026, 5, 31)
COOKIE, COFFEE, MUG = make_reward("cookie", 5), make_reward("coffee", 12), make_reward("mug", 60)
SHOP = make_program(rewards=(MUG, COOKIE, COFFEE))
LEVELS = (make_level("Silver", 100), make_level("Club", paid_item="club-month"), make_level("Gold", 300))


def ids(program: Program, tier: str | None = None, sold_out: frozenset[str] = frozenset()) -> list[str]:
    return [one.id for one in goals(program, 0, tier, TODAY, sold_out)]


def bar(
    program: Program, balance: int = 0, status: int = 0, tier: str | None = None, picked: str | None = None
) -> Goal:
    return goal(program, balance, status, tier, picked, TODAY, frozenset())


def climbing(**fields: Any) -> Program:
    return make_program(tiers=Tiers(**({"counts": "spend", "levels": LEVELS} | fields)))


@pytest.mark.parametrize(
    ("balance", "nearest"),
    [(-3, "cookie"), (0, "cookie"), (5, "coffee"), (11, "coffee"), (12, "mug"), (60, "mug"), (500, "mug")],
)
def test_D8_the_nearest_reward_is_the_goal_wherever_it_stands_in_the_list(balance: int, nearest: str) -> None:
    assert bar(SHOP, balance).id == nearest


@given(st.integers(-100, 200), st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_the_goal_is_reached_only_when_every_reward_is(balance: int, costs: list[int]) -> None:
    rewards = tuple(make_reward(str(place), cost) for place, cost in enumerate(costs))
    assert (bar(make_program(rewards=rewards), balance).cost <= balance) == (max(costs) <= balance)


def test_a_picked_goal_is_honoured_while_it_can_be_had() -> None:
    assert bar(SHOP, 3, picked="mug").id == "mug"
    assert bar(SHOP, 30, picked="coffee").id == "coffee"
    assert goal(SHOP, 3, 0, None, "mug", TODAY, frozenset({"mug"})).id == "cookie"
    assert bar(SHOP, 3, picked="no such thing").id == "cookie"


def test_only_what_is_in_stock_today_and_for_this_tier_can_be_worked_towards() -> None:
    program = make_program(
        rewards=(
            make_reward("ended", 1, last_day="2026-05-30"),
            make_reward("last day", 2, last_day="2026-05-31"),
            make_reward("first day", 3, first_day="2026-05-31"),
            make_reward("not yet", 4, first_day="2026-06-01"),
            make_reward("gold only", 5, tier="gold"),
            make_reward("silver", 6, tier="silver"),
        ),
        tiers=Tiers("spend", LEVELS),
    )
    assert ids(program) == ["last day", "first day"]
    assert ids(program, "silver") == ["last day", "first day", "silver"]
    assert ids(program, "gold") == ["last day", "first day", "gold only", "silver"]
    assert ids(program, "gold", frozenset({"silver"})) == ["last day", "first day", "gold only"]


def test_a_goal_speaks_as_its_reward_does() -> None:
    cashback = make_program(unit=Unit("money", {}), rewards=(COFFEE,))
    assert bar(cashback) == Goal(
        "coffee", 12, COFFEE.name, COFFEE.until, COFFEE.waiting, measure="balance", money=True
    )


def test_without_rewards_the_next_tier_is_the_goal() -> None:
    silver = bar(climbing())
    assert (silver.id, silver.cost, silver.measure, silver.money) == ("silver", 100, "status", True)
    assert silver.until == {"en": "to Silver", "ru": "до уровня «Silver»"}
    assert bar(climbing(), status=100, tier="silver").id == "gold"
    assert not bar(climbing(counts="visits")).money


def test_at_the_top_the_highest_tier_is_reached() -> None:
    gold = bar(climbing(), status=500, tier="gold")
    assert (gold.id, gold.cost) == ("gold", 300)
    assert gold.waiting["en"] == "You have reached Gold."


def test_who_jumped_to_the_top_for_good_has_reached_it() -> None:
    assert bar(climbing(), status=120, tier="gold").cost == 120


def test_a_highest_tier_that_can_be_lost_is_still_to_be_kept() -> None:
    gold = bar(climbing(window="calendar"), status=120, tier="gold")
    assert (gold.id, gold.cost) == ("gold", 300)
    assert gold.until == {"en": "to keep Gold", "ru": "чтобы сохранить уровень «Gold»"}


def test_who_bought_a_tier_goes_on_earning_the_ones_that_can_be_earned() -> None:
    assert bar(climbing(), status=20, tier="club").id == "silver"
    assert bar(climbing(), status=120, tier="club").id == "gold"
    assert bar(climbing(), status=320, tier="club").id == "gold"


def test_a_level_from_nothing_on_is_nobodys_goal() -> None:
    assert bar(climbing(levels=(make_level("Guest", 0), *LEVELS)), tier="guest").id == "silver"


def test_where_all_rewards_are_gone_the_next_tier_is_the_goal() -> None:
    program = make_program(rewards=(COFFEE,), tiers=Tiers("spend", LEVELS))
    assert goal(program, 0, 0, None, "coffee", TODAY, frozenset({"coffee"})).id == "silver"


def test_cashback_leads_to_the_first_points_that_can_be_paid_with() -> None:
    cashback = make_program(unit=Unit("money", {}), paying=Paying(minimum=10000))
    paying = bar(cashback)
    assert (paying.id, paying.cost, paying.measure, paying.money) == ("paying", 10000, "balance", True)


def test_a_program_with_nothing_to_reach_has_a_goal_that_is_reached() -> None:
    assert bar(make_program()).cost == 0


def test_a_new_card_is_promised_a_reward_that_lasts_and_is_for_everybody() -> None:
    summer = make_reward("ice cream", 3, last_day="2026-08-31")
    gold_only = make_reward("cake", 4, tier="gold")
    assert first_goal(make_program(rewards=(summer, gold_only, MUG, COFFEE))).id == "coffee"
    assert first_goal(make_program(rewards=(summer,))).id == "ice cream"
    assert first_goal(climbing()).id == "silver"


def test_the_welcome_gift_alone_reaches_no_promised_goal() -> None:
    assert first_goal(make_program(rewards=SHOP.rewards, welcome=5)).id == "coffee"
