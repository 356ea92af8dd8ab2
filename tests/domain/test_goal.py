"""Which reward the bar leads to."""

from __future__ import annotations

import json
from pathlib import Path

from wallet_service.actions.program_body import program

DEMO = json.loads((Path(__file__).parents[2] / "wallet_service/cli/demo_program.json").read_text())
COFFEE = DEMO["rewards"][0]


def test_D8_the_nearest_reward_is_the_goal_wherever_it_stands_in_the_list() -> None:
    rewards = [COFFEE | {"id": "cake", "cost": 20}, COFFEE, COFFEE | {"id": "mug", "cost": 60}]
    assert program("coffee", 1, DEMO | {"rewards": rewards}).goal.id == "coffee"
    assert program("coffee", 1, DEMO | {"rewards": rewards[:1] + rewards[2:]}).goal.id == "cake"
