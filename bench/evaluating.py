"""Evaluations a second with a program of twenty rules, all with conditions, about half of which fire.

The work of one thread in its own time; `limit` is what the project promises, not a peer: nobody else's
rules can be called without a server or a database behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from statistics import mean, median
from time import thread_time
from typing import Any

from bench.result import Result
from tests.shop import DEMO
from wallet_service.actions import program_body
from wallet_service.domain.program import Program
from wallet_service.domain.rules import Circumstances, Item, Purchase, evaluate

WANTED = 20_000.0
ROUNDS, EVALUATIONS = 21, 4_000
TUESDAY = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)

Case = tuple[Purchase, Circumstances]


def measure() -> Iterator[Result]:
    program, cases = twenty_rules(), list(_cases())
    figures = [_rate(program, list(islice(cycle(cases), EVALUATIONS))) for _ in range(ROUNDS)]
    fired = mean(_fired(program, case) for case in cases)
    name = f"evaluate 20 rules, {fired:.0f} firing"
    yield Result(name, median(figures), WANTED, "a second", "wanted", 1.0)


def _rate(program: Program, cases: Sequence[Case]) -> float:
    began = thread_time()
    for purchase, circumstances in cases:
        evaluate(program, purchase, circumstances)
    return len(cases) / (thread_time() - began)


def _fired(program: Program, case: Case) -> int:
    ids = (dict(step.facts).get("id") for step in evaluate(program, *case).steps if step.fired)
    return len({name for name in ids if name})


def twenty_rules() -> Program:
    """Every kind of condition and effect, with limits, bands, rates, a dry run and what is not valid yet."""
    body = DEMO | {"rules": [rule for turn in (1, 2) for rule in _ten(turn)]}
    return program_body.program("bench", 1, json.loads(json.dumps(body)))


def _ten(turn: int) -> Iterator[dict[str, Any]]:
    def rule(name: str, when: dict[str, Any], then: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"id": f"{name}-{turn}", "trigger": "purchase", "when": when, "then": [then], **more}

    def all_of(*conditions: tuple[str, str, Any]) -> dict[str, Any]:
        return {"all": [{"field": field, "op": op, "value": value} for field, op, value in conditions]}

    bands = [{"from": 0, "per": 10_000, "give": turn}, {"from": 100_000, "per": 10_000, "give": 2}]
    yield rule("amount", all_of(("total", ">=", 5_000 * turn)), {"points": {"per": 10_000, "give": 5}})
    yield rule("bands", all_of(("total", ">=", 100)), {"points": {"bands": bands}})
    yield rule("week", all_of(("weekday", "in", [turn, 5])), {"points": 3})
    yield rule("lunch", all_of(("local_time", "between", ["09:00", "15:00"])), {"points": turn})
    yield rule(
        "item", all_of(("item", "in", ["latte", "flat-white"])), {"points": {"each": "item", "give": 1}}
    )
    yield rule("app", all_of(("channel", "in", ["app"]), ("payment", "in", ["card"])), {"points": 2})
    yield rule("shops", all_of(("store", "not in", ["airport"])), {"multiply": [10 + turn, 10]})
    yield rule("large", all_of(("total", ">=", 400_000)), {"multiply": [2, 1]})
    limit = {"per_member": {"count": 1, "window": "day"}, "cap_points": 50}
    yield rule("once", all_of(("total", ">=", 1_000)), {"points": {"per": 1_000, "give": 1}}, limit=limit)
    yield rule("later", all_of(("total", ">=", 1)), {"points": 9}, valid=[f"2027-0{turn}-01", None])


def _cases() -> Iterator[Case]:
    """No two alike in time and money, so that nothing is answered from memory."""
    for turn in range(100):
        purchase = Purchase(
            TUESDAY + timedelta(hours=turn % 60, minutes=turn),
            total=20_000 + 1_370 * turn,
            items=(Item("latte" if turn % 2 else "tea", 1 + turn % 3, 15_000, "coffee"), Item("cake")),
            channel=("app", "till")[turn % 2],
            payment="card",
            store=("centre", "airport")[turn % 5 == 0],
            receipt=str(turn),
        )
        yield purchase, Circumstances(carried=(turn % 3, 10), used={"once-1": turn % 2})


if __name__ == "__main__":
    for result in measure():
        print(result)
