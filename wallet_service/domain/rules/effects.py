"""Effects: each becomes a function that writes what it gives on a sheet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from wallet_service.domain.program import Ratio
from wallet_service.domain.rule import Bands, Discount, Each, Effect, Flat, Grant, Multiply, PerAmount
from wallet_service.domain.rules.conditions import Seen, Test, count, not_met
from wallet_service.domain.rules.values import Step


@dataclass(slots=True)
class Sheet:
    """What the rules that fired have written so far; `base` counts in parts of a point."""

    parts: int
    base: int = 0
    grants: int = 0
    factors: list[tuple[str, Ratio]] = field(default_factory=list)
    discounts: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class Giving(NamedTuple):
    """An effect made ready. `lacking` says why it cannot give anything; `uses` how often it wants to be used;
    `give` writes on the sheet and answers its base in parts of a point, for at most so many uses.
    """

    lacking: Test | None
    uses: Callable[[Seen], int]
    give: Callable[[Seen, int, Sheet], int]


def giving(effect: Effect, rule_id: str, parts: int) -> Giving:
    """`parts` is how many parts a point has: a multiple of every rate's denominator."""
    match effect:
        case Flat(points):
            return _flat(points, rule_id, parts)
        case PerAmount():
            return _bands(Bands(((0, effect),)), rule_id, parts)
        case Bands():
            return _bands(effect, rule_id, parts)
        case Each(what="visit", give=give):
            return _visits(give, rule_id, parts)
        case Each(give=give, category=category):
            return _items(give, category, rule_id, parts)
        case Multiply(by):
            return _multiply(by, rule_id)
        case Grant(points):
            return _grant(points, rule_id)
        case Discount(percent, money):
            return _percent_off(percent, rule_id) if percent else _money_off(money or 0, rule_id)


def _flat(points: int, rule_id: str, parts: int) -> Giving:
    step, base = Step("flat", points, (("id", rule_id),)), points * parts

    def give(_seen: Seen, _most: int, sheet: Sheet) -> int:
        sheet.steps.append(step)
        return base

    return Giving(None, _once, give)


def _bands(bands: Bands, rule_id: str, parts: int) -> Giving:
    starts = [start for start, _ in bands.bands]
    rates = [(rate.per, rate.give, parts // rate.per * rate.give) for _, rate in bands.bands]

    def give(seen: Seen, _most: int, sheet: Sheet) -> int:
        money = seen.money or 0
        per, give, scale = rates[bisect_right(starts, money) - 1]
        facts = (("total", money), ("per_amount", per), ("give", give), ("id", rule_id))
        sheet.steps.append(Step("amount", money * scale // parts, facts))
        return money * scale

    return Giving(_no_total(rule_id), _once, give)


def _no_total(rule_id: str) -> Test:
    missing = not_met(rule_id, "missing_total", minimum=0, short=0)
    return lambda seen: missing if seen.total is None else None


def _visits(give_each: int, rule_id: str, parts: int) -> Giving:
    def give(seen: Seen, most: int, sheet: Sheet) -> int:
        visits = min(seen.visits, most)
        facts = (("visits", visits), ("per_visit", give_each), ("id", rule_id))
        sheet.steps.append(Step("visit", visits * give_each, facts))
        return visits * give_each * parts

    return Giving(no_visit(rule_id), lambda seen: seen.visits, give)


def no_visit(rule_id: str) -> Test:
    def test(seen: Seen) -> Step | None:
        if seen.visits:
            return None
        short = seen.visit_short
        return not_met(rule_id, "visit_too_small", minimum=(seen.total or 0) + short, short=short)

    return test


def _items(give_each: int, category: str | None, rule_id: str, parts: int) -> Giving:
    names = None if category is None else frozenset((category,))
    missing = not_met(rule_id, "missing_item", item=category or "", wanted=1, had=0)

    def give(seen: Seen, most: int, sheet: Sheet) -> int:
        items = min(count(seen.items, names), most)
        facts = (("items", items), ("per_item", give_each), ("category", category or ""), ("id", rule_id))
        sheet.steps.append(Step("item", items * give_each, facts))
        return items * give_each * parts

    def uses(seen: Seen) -> int:
        return count(seen.items, names)

    return Giving(lambda seen: None if uses(seen) else missing, uses, give)


def _multiply(by: Ratio, rule_id: str) -> Giving:
    factor = (rule_id, by)

    def give(_seen: Seen, _most: int, sheet: Sheet) -> int:
        sheet.factors.append(factor)
        return 0

    return Giving(None, _once, give)


def _grant(points: int, rule_id: str) -> Giving:
    step = Step("gift", points, (("id", rule_id),))

    def give(_seen: Seen, _most: int, sheet: Sheet) -> int:
        sheet.steps.append(step)
        sheet.grants += points
        return 0

    return Giving(None, _once, give)


def _money_off(money: int, rule_id: str) -> Giving:
    def give(seen: Seen, _most: int, sheet: Sheet) -> int:
        amount = money if seen.total is None else min(money, seen.total)
        sheet.steps.append(Step("discount_money", 0, (("amount", amount), ("id", rule_id))))
        sheet.discounts.append(amount)
        return 0

    return Giving(None, _once, give)


def _percent_off(percent: Ratio, rule_id: str) -> Giving:
    def give(seen: Seen, _most: int, sheet: Sheet) -> int:
        amount = percent_of(percent, seen.total or 0)
        facts = (("num", percent[0]), ("den", percent[1]), ("amount", amount), ("id", rule_id))
        sheet.steps.append(Step("discount", 0, facts))
        sheet.discounts.append(amount)
        return 0

    return Giving(_no_total(rule_id), _once, give)


def percent_of(percent: Ratio, total: int) -> int:
    return total * percent[0] // (100 * percent[1])


def _once(_seen: Seen) -> int:
    return 1
