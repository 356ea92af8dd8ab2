"""What earns: rules, what they ask, give and limit; something has to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, Place, path, shown
from wallet_service.actions.program_meaning.shared import days, is_time, known_tier, unique
from wallet_service.domain.rule import (
    Trigger,
)
from wallet_service.domain.rules import MOST_MONEY


def faults(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from _earning(body)
    yield from unique("rules", body.rules)
    for index, rule in enumerate(body.rules):
        yield from _rule(body, rule, ("rules", index))
    yield from _alone(body)


def _earning(body: reading.ProgramBody) -> Iterator[Fault]:
    earning = body.earning
    if earning and body.rules:
        yield Fault("earning", "The program has `rules` already.", "Leave `earning` out.")
    if earning and earning.give and not earning.per_amount:
        remedy = "Set `per_amount`, the money in minor units that earns it."
        yield Fault("earning.give", "It does not say for how much money.", remedy)
    elif not _earns(body):
        place = "earning" if earning else "rules"
        remedy = 'Add a rule such as {"id": "visit", "trigger": "visit", "then": [{"points": 1}]}.'
        yield Fault(place, "Nothing is earned.", remedy)


def _earns(body: reading.ProgramBody) -> bool:
    """By a rule, or because the tiers count for themselves."""
    if body.earning:
        return bool(body.earning.per_visit or body.earning.give)
    if body.tiers and body.tiers.counts != "points":
        return True
    return any(
        effect.points is not None or effect.grant is not None
        for rule in body.rules
        if not rule.dry_run and rule.trigger is not Trigger.JOIN
        for effect in rule.then
    )


def _rule(body: reading.ProgramBody, rule: reading.RuleBody, place: Place) -> Iterator[Fault]:
    for kind in ("all", "any"):
        for index, condition in enumerate(getattr(rule.when, kind)):
            at = (*place, "when", kind, index)
            yield from _condition(body, condition, at)
            if rule.trigger is Trigger.JOIN and condition.field not in ("weekday", "local_time"):
                sentence = f"`{condition.field}` is not known when somebody joins."
                yield Fault(path(*at, "field"), sentence, "Use weekday or local_time, or another trigger.")
    for index, effect in enumerate(rule.then):
        yield from _effect(rule, effect, (*place, "then", index))
    if rule.limit:
        yield from _limit(rule, rule.limit, (*place, "limit"))
    yield from days(rule.valid, (*place, "valid"))


def _condition(body: reading.ProgramBody, condition: reading.ConditionBody, place: Place) -> Iterator[Fault]:
    operators, wanted = _FIELDS[condition.field]
    if condition.op not in operators:
        sentence = f"`{condition.field}` cannot be asked with `{condition.op}`."
        yield Fault(path(*place, "op"), sentence, f"Use {' or '.join(operators)}.")
    elif not _fits(condition):
        yield Fault(path(*place, "value"), f"{shown(condition.value)} does not fit here.", wanted)
    elif condition.field == "tier":
        for index, tier in enumerate(condition.values):
            yield from known_tier(body, tier, (*place, "value", index))
    if condition.quantity != 1 and condition.field != "item":
        yield Fault(path(*place, "quantity"), "Only items are counted.", "Leave it out.")


NAMES = 'Write names, such as ["gold"].'
_FIELDS: dict[str, tuple[tuple[str, ...], str]] = {
    "total": (
        (">=", ">", "<=", "<", "between"),
        "Write minor units, such as 30000; for `between` two, the smaller first.",
    ),
    "item": (("has",), 'Write an item or a category, such as "coffee".'),
    "weekday": (("in",), "Write ISO weekdays, 1 for Monday to 7 for Sunday, such as [6, 7]."),
    "local_time": (("between",), 'Write two different times, such as ["08:00", "11:00"].'),
    **dict.fromkeys(("tier", "channel", "payment", "store", "action"), (("in", "not in"), NAMES)),
}


def _fits(condition: reading.ConditionBody) -> bool:
    values = condition.values
    if condition.field == "total":
        return _fits_total(condition.op, values)
    if condition.field == "weekday":
        return bool(values) and all(type(value) is int and 1 <= value <= 7 for value in values)
    texts = bool(values) and all(isinstance(value, str) and value for value in values)
    if condition.field == "local_time":
        return texts and len(set(values)) == len(values) == 2 and all(map(is_time, values))
    return texts


def _fits_total(op: str, values: tuple[Any, ...]) -> bool:
    if not all(type(value) is int and 0 <= value <= MOST_MONEY for value in values):
        return False
    if op == "between":
        return len(values) == 2 and values[0] <= values[1]
    return len(values) == 1 and (op != "<" or values[0] > 0)


def _effect(rule: reading.RuleBody, effect: reading.EffectBody, place: Place) -> Iterator[Fault]:
    said = [name for name in reading.EffectBody.model_fields if getattr(effect, name) is not None]
    if len(said) != 1:
        yield Fault(
            path(*place), "An effect does one thing.", "Write one of points, multiply, grant, discount."
        )
    elif rule.trigger is Trigger.JOIN and not (said == ["grant"] or isinstance(effect.points, int)):
        yield Fault(path(*place), "Nothing is bought when somebody joins.", 'Write {"grant": 5}.')
    if isinstance(effect.points, reading.BandsBody):
        yield from _bands(effect.points, (*place, "points", "bands"))
    if (
        isinstance(effect.points, reading.EachBody)
        and effect.points.each == "visit"
        and effect.points.category
    ):
        at = path(*place, "points", "category")
        yield Fault(at, "A visit has no category.", 'Leave it out, or write "each": "item".')
    if effect.multiply is not None and not 0 < Fraction(*effect.multiply) <= 100:
        yield Fault(
            path(*place, "multiply"), "It multiplies by nothing sensible.", "Write [2, 1] for twice as many."
        )
    if effect.discount is not None:
        yield from _discount(effect.discount, (*place, "discount"))


def _bands(bands: reading.BandsBody, place: Place) -> Iterator[Fault]:
    if bands.bands[0].start != 0:
        yield Fault(path(*place, 0, "from"), "The first band does not start at 0.", 'Write "from": 0.')
    for index, (before, after) in enumerate(pairwise(bands.bands), 1):
        if after.start <= before.start:
            sentence = f"{after.start} is not above the {before.start} of the band before."
            yield Fault(path(*place, index, "from"), sentence, "Let the bands rise.")


def _discount(discount: reading.DiscountBody, place: Place) -> Iterator[Fault]:
    if (discount.percent is None) == (discount.money is None):
        yield Fault(path(*place), "A discount is either percent or money.", 'Write {"percent": [5, 1]}.')
    elif discount.percent is not None and not 0 < Fraction(*discount.percent) <= 100:
        yield Fault(path(*place, "percent"), "It lies between 0 and 100.", "Write [5, 1] for 5 percent.")


def _limit(rule: reading.RuleBody, limit: reading.LimitBody, place: Place) -> Iterator[Fault]:
    if limit.per_member is None and limit.cap_points is None:
        yield Fault(
            path(*place), "It limits nothing.", "Write `per_member` or `cap_points`, or leave it out."
        )
    if limit.cap_points is not None and all(effect.points is None for effect in rule.then):
        remedy = "Leave it out, or set it at the rule that gives points."
        yield Fault(path(*place, "cap_points"), "This rule gives no points of its own.", remedy)


def _alone(body: reading.ProgramBody) -> Iterator[Fault]:
    taken: dict[int, str] = {}
    for index, rule in enumerate(body.rules):
        if rule.stack == "alone" and rule.priority in taken:
            sentence = f"`{taken[rule.priority]}` stands alone with the same priority."
            yield Fault(path("rules", index, "priority"), sentence, "Give one of them a higher priority.")
        elif rule.stack == "alone":
            taken[rule.priority] = rule.id
