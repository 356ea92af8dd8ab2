"""Conditions: each becomes a test that answers nothing when it holds, else what was missing."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wallet_service.domain.errors import Fact
from wallet_service.domain.program import Program
from wallet_service.domain.rule import Condition
from wallet_service.domain.rules.values import Circumstances, Item, Purchase, Step


class Seen(NamedTuple):
    """A purchase as the rules look at it. `money` is the total that earns: without excluded categories."""

    bought: bool
    total: int | None
    money: int | None
    visits: int
    visit_short: int
    items: tuple[Item, ...]
    tier: str | None
    action: str | None
    channel: str | None
    payment: str | None
    store: str | None
    day: str
    weekday: int
    time: str


Test = Callable[[Seen], Step | None]


def look(program: Program, purchase: Purchase, circumstances: Circumstances) -> Seen:
    local = purchase.occurred_at.astimezone(ZoneInfo(program.time_zone))
    total, bought = purchase.total, purchase.bought
    short = max(program.visit_minimum - (total or 0), 0)
    visits = purchase.visits if purchase.visits is not None else int(bought and not short)
    written = local.isoformat()
    return Seen(
        bought=bought,
        total=total,
        money=None if total is None else _money(program, purchase, total),
        visits=visits,
        visit_short=short,
        items=purchase.items,
        tier=circumstances.tier,
        action=purchase.action,
        channel=purchase.channel,
        payment=purchase.payment,
        store=purchase.store,
        day=written[:10],
        weekday=local.isoweekday(),
        time=written[11:16],
    )


def _money(program: Program, purchase: Purchase, total: int) -> int:
    if not program.excluded or not purchase.items:
        return total
    return max(
        total - sum(item.total or 0 for item in purchase.items if item.category in program.excluded), 0
    )


def count(items: tuple[Item, ...], names: frozenset[str] | None) -> int:
    """How many of the items have one of the names as their id or category; without names, all."""
    found = 0
    for item in items:
        if names is None or item.id in names or item.category in names:
            found += item.quantity
    return found


def not_met(rule_id: str, key: str, **facts: Fact) -> Step:
    return Step(key, 0, (*facts.items(), ("id", rule_id)), fired=False)


def test_of(condition: Condition, rule_id: str) -> Test:
    return _TESTS.get(condition.field, _named)(condition, rule_id)


def _total(condition: Condition, rule_id: str) -> Test:
    least, most = _range(condition)
    untold = not_met(rule_id, "missing_total", minimum=least, short=least)

    def test(seen: Seen) -> Step | None:
        if seen.total is None:
            return untold
        if seen.total < least:
            return not_met(rule_id, "missing_total", minimum=least, short=least - seen.total)
        if most is not None and seen.total > most:
            return not_met(rule_id, "above_total", most=most, over=seen.total - most)
        return None

    return test


def _range(condition: Condition) -> tuple[int, int | None]:
    first, last = int(condition.value[0]), int(condition.value[-1])
    return {
        ">=": (first, None),
        ">": (first + 1, None),
        "<=": (0, first),
        "<": (0, first - 1),
        "between": (first, last),
    }[condition.op]


def _item(condition: Condition, rule_id: str) -> Test:
    names, wanted = frozenset(map(str, condition.value)), condition.quantity
    item = _joined(condition)

    def test(seen: Seen) -> Step | None:
        had = count(seen.items, names)
        return None if had >= wanted else not_met(rule_id, "missing_item", item=item, wanted=wanted, had=had)

    return test


def _weekday(condition: Condition, rule_id: str) -> Test:
    days, missing = frozenset(condition.value), not_met(rule_id, "missing_weekday", days=_joined(condition))
    return lambda seen: None if seen.weekday in days else missing


def _local_time(condition: Condition, rule_id: str) -> Test:
    start, end = map(str, condition.value)
    missing = not_met(rule_id, "missing_time", start=start, end=end)
    if start < end:
        return lambda seen: None if start <= seen.time < end else missing
    return lambda seen: None if seen.time >= start or seen.time < end else missing


def _named(condition: Condition, rule_id: str) -> Test:
    """A tier is always known, be it none; what else the purchase does not tell fails."""
    read, names = attrgetter(condition.field), frozenset(condition.value)
    fact = "tiers" if condition.field == "tier" else "wanted"
    if condition.op == "in":
        missing = not_met(rule_id, f"missing_{condition.field}", **{fact: _joined(condition)})
        return lambda seen: None if read(seen) in names else missing
    excluded: dict[Fact, Step] = {
        str(name): not_met(rule_id, "excluded_by", field=condition.field, value=str(name)) for name in names
    }
    if condition.field != "tier":
        excluded[None] = not_met(rule_id, f"missing_{condition.field}", wanted="")
    return lambda seen: excluded.get(read(seen))


def _joined(condition: Condition) -> str:
    return ",".join(map(str, condition.value))


_TESTS: dict[str, Callable[[Condition, str], Test]] = {
    "total": _total,
    "item": _item,
    "weekday": _weekday,
    "local_time": _local_time,
}
