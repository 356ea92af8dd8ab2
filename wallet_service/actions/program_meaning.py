"""What a program says that can be read and still makes no sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any
from unicodedata import category
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_currency_precision, list_currencies

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, Place, nearest, path, shown
from wallet_service.domain import wording
from wallet_service.domain.plain import UNSEEN
from wallet_service.domain.rule import (
    Bands,
    Discount,
    Each,
    Effect,
    Flat,
    Grant,
    Multiply,
    PerAmount,
    Trigger,
)
from wallet_service.domain.rules import MOST_MONEY, MOST_POINTS, MOST_VISITS
from wallet_service.domain.rules.checks import MOST_QUANTITY
from wallet_service.domain.rules.prepared import parts_of_a_point

JOINERS = "\u200c\u200d"
"""Some scripts and pictures are put together with these."""

FINEST = 10**12
"""The finest fraction of a point that rates may need; a card carries it from visit to visit."""


def faults_of_meaning(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from _languages(body)
    yield from _place_and_money(body)
    yield from _texts(body)
    yield from _names(body)
    yield from _unit(body)
    yield from _earning(body)
    yield from _unique("rules", body.rules)
    for index, rule in enumerate(body.rules):
        yield from _rule(body, rule, ("rules", index))
    yield from _alone(body)
    yield from _sizes(body)
    yield from _rewards(body)
    yield from _expiry(body.expiry)
    if body.tiers:
        yield from _tiers(body.tiers)
    yield from _paying(body)
    yield from _goal(body)


def _languages(body: reading.ProgramBody) -> Iterator[Fault]:
    for index, language in enumerate(body.languages):
        if language not in wording.LANGUAGES:
            known = ", ".join(sorted(wording.LANGUAGES))
            yield Fault(
                path("languages", index), f'"{language}" is not spoken here.', f"The cards speak {known}."
            )
        elif language in body.languages[:index]:
            yield Fault(path("languages", index), f'"{language}" stands twice.', "Name each language once.")


def _place_and_money(body: reading.ProgramBody) -> Iterator[Fault]:
    if body.time_zone not in available_timezones():
        near = get_close_matches(body.time_zone, available_timezones(), 1)
        remedy = f"Did you mean {near[0]}?" if near else "Write a name such as Europe/Moscow."
        yield Fault("time_zone", f'"{body.time_zone}" is no known time zone.', remedy)
    if body.currency not in list_currencies():
        yield Fault(
            "currency", f"{body.currency} is no known currency.", "Write one such as RUB, EUR or KZT."
        )
    elif get_currency_precision(body.currency) != 2:
        yield Fault(
            "currency",
            f"{body.currency} has no hundredths, and money is shown with two decimals for now.",
            "Choose a currency with two decimals, such as RUB or EUR.",
        )


def _texts(body: reading.ProgramBody) -> Iterator[Fault]:
    for place, texts in _all_texts(body):
        for language in body.languages:
            if language in wording.LANGUAGES and language not in texts:
                yield Fault(
                    path(*place), f'The text in "{language}" is missing.', f'Add "{language}": "...".'
                )


def _names(body: reading.ProgramBody) -> Iterator[Fault]:
    """Asked of what is published from now on: an older version stays in force with the name that it has."""
    yield from _name(("organization",), body.organization)
    for place, texts in _all_texts(body):
        if place[-1] == "name":
            for language, text in texts.items():
                yield from _name((*place, language), text)


def _name(place: Place, text: str) -> Iterator[Fault]:
    if any(category(char) in UNSEEN and char not in JOINERS for char in text):
        remedy = "Type it again without line ends, directions and other controls."
        yield Fault(path(*place), "The name holds a character that nobody sees.", remedy)
    elif not text.strip():
        yield Fault(path(*place), "The name is blank.", "Write at least one letter.")


def _all_texts(body: reading.ProgramBody) -> Iterator[tuple[Place, Mapping[str, str]]]:
    yield ("name",), body.name
    for index, reward in enumerate(body.rewards):
        for name in ("name", "until", "waiting"):
            yield ("rewards", index, name), getattr(reward, name)
    for index, level in enumerate(body.tiers.levels if body.tiers else ()):
        yield ("tiers", "levels", index, "name"), level.name
        if level.benefits:
            yield ("tiers", "levels", index, "benefits"), level.benefits


def _unit(body: reading.ProgramBody) -> Iterator[Fault]:
    if body.unit.counted == "money":
        return
    for language in body.languages:
        if language not in wording.LANGUAGES:
            continue
        needed = set(Locale.parse(language).plural_form.tags) | {"other"}
        if missing := sorted(needed - set(body.unit.forms.get(language, {}))):
            sentence = f"The plural {', '.join(missing)} is missing."
            yield Fault(path("unit", "forms", language), sentence, f'Add "{missing[0]}": "...".')


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


def _unique(
    place: str, named: tuple[reading.RuleBody | reading.RewardBody | reading.LevelBody, ...]
) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, each in enumerate(named):
        if each.id in seen:
            sentence = f"`{each.id}` is the id of {place}[{seen[each.id]}] too."
            yield Fault(f"{place}[{index}].id", sentence, "Give it another one.")
        seen.setdefault(each.id, index)


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
    yield from _days(rule.valid, (*place, "valid"))


def _condition(body: reading.ProgramBody, condition: reading.ConditionBody, place: Place) -> Iterator[Fault]:
    operators, wanted = _FIELDS[condition.field]
    if condition.op not in operators:
        sentence = f"`{condition.field}` cannot be asked with `{condition.op}`."
        yield Fault(path(*place, "op"), sentence, f"Use {' or '.join(operators)}.")
    elif not _fits(condition):
        yield Fault(path(*place, "value"), f"{shown(condition.value)} does not fit here.", wanted)
    elif condition.field == "tier":
        for index, tier in enumerate(condition.values):
            yield from _tier(body, tier, (*place, "value", index))
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
        return texts and len(set(values)) == len(values) == 2 and all(map(_is_time, values))
    return texts


def _fits_total(op: str, values: tuple[Any, ...]) -> bool:
    if not all(type(value) is int and 0 <= value <= MOST_MONEY for value in values):
        return False
    if op == "between":
        return len(values) == 2 and values[0] <= values[1]
    return len(values) == 1 and (op != "<" or values[0] > 0)


def _is_time(value: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is not None


def _tier(body: reading.ProgramBody, tier: str, place: Place) -> Iterator[Fault]:
    known = [level.id for level in body.tiers.levels] if body.tiers else []
    if tier not in known:
        remedy = nearest(tier, known) if known else "Describe it under `tiers`."
        yield Fault(path(*place), f"There is no tier `{tier}`.", remedy)


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


def _days(days: tuple[str | None, str | None], place: Place) -> Iterator[Fault]:
    real = [day for day in days if day is not None and _is_day(day)]
    for index, day in enumerate(days):
        if day is not None and not _is_day(day):
            yield Fault(path(*place, index), f'"{day}" is no day.', 'Write it like "2026-05-31", or null.')
    if len(real) == 2 and real[0] > real[1]:
        yield Fault(path(*place), "The last day lies before the first.", "Write the earlier one first.")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _alone(body: reading.ProgramBody) -> Iterator[Fault]:
    taken: dict[int, str] = {}
    for index, rule in enumerate(body.rules):
        if rule.stack == "alone" and rule.priority in taken:
            sentence = f"`{taken[rule.priority]}` stands alone with the same priority."
            yield Fault(path("rules", index, "priority"), sentence, "Give one of them a higher priority.")
        elif rule.stack == "alone":
            taken[rule.priority] = rule.id


def _sizes(body: reading.ProgramBody) -> Iterator[Fault]:
    """Figures that no card could hold."""
    if body.earning and body.earning.give and not body.earning.per_amount:
        return
    rules = reading.as_rules(body)
    effects = [effect for rule in rules for effect in rule.then]
    factors = [Fraction(*effect.by) for effect in effects if isinstance(effect, Multiply)]
    by_tier = [Fraction(*level.multiplier) for level in body.tiers.levels] if body.tiers else [Fraction(1)]
    finest = parts_of_a_point(rules) * prod(factor.denominator for factor in factors)
    if finest * max(factor.denominator for factor in by_tier) > FINEST:
        remedy = "Choose rates and multipliers with rounder figures, such as 10000 or 100."
        yield Fault("rules", "The rates together need too fine a fraction of a point.", remedy)
    most = prod(max(factor, Fraction(1)) for factor in (*factors, max(by_tier)))
    if sum(map(_at_most, effects)) * most > MOST_POINTS:
        yield Fault("rules", "One purchase could earn more points than a card can hold.", "Give fewer.")


def _at_most(effect: Effect) -> Fraction:
    match effect:
        case Flat(points) | Grant(points):
            return Fraction(points)
        case PerAmount(per, give):
            return Fraction(MOST_MONEY * give, per)
        case Bands(bands):
            return max(_at_most(rate) for _, rate in bands)
        case Each(what, give):
            return Fraction(give * (MOST_VISITS if what == "visit" else MOST_QUANTITY))
        case Multiply() | Discount():
            return Fraction(0)


def _rewards(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from _unique("rewards", body.rewards)
    for index, reward in enumerate(body.rewards):
        place: Place = ("rewards", index)
        yield from _days(reward.valid, (*place, "valid"))
        yield from _value(reward, (*place, "value"))
        if reward.tier is not None:
            yield from _tier(body, reward.tier, (*place, "tier"))
    cheapest = min((reward.cost for reward in body.rewards), default=None)
    if cheapest is not None and body.welcome >= cheapest:
        sentence = (
            f"The welcome gift of {body.welcome} already pays the nearest reward, which costs {cheapest}."
        )
        yield Fault("welcome", sentence, "Write less.")


def _value(reward: reading.RewardBody, place: Place) -> Iterator[Fault]:
    kind, value = reward.kind.value, reward.value
    if kind in ("item", "experience"):
        if value is not None:
            yield Fault(path(*place), f"A reward of the kind {kind} has no value.", "Leave it out.")
    elif value is None:
        unit = "percent" if kind == "percent_off" else "minor units"
        yield Fault(path(*place), f"How much a {kind} takes off is missing.", f"Write it in {unit}.")
    elif kind == "percent_off" and value > 100:
        yield Fault(path(*place), f"{value} percent is more than everything.", "Write 100 or less.")


def _expiry(expiry: reading.ExpiryBody) -> Iterator[Fault]:
    kind = expiry.kind.value
    if kind in ("rolling", "inactivity") and not expiry.months:
        yield Fault("expiry.months", "It does not say after how many months.", 'Write "months": 12.')
    if kind == "calendar" and not expiry.days:
        yield Fault("expiry.days", "It does not say on which days.", 'Write "days": ["12-31"].')
    if kind == "never" and expiry.months:
        yield Fault(
            "expiry.months", "What never expires has no months.", "Leave it out, or write another kind."
        )
    if kind != "calendar" and expiry.days:
        yield Fault("expiry.days", "Only the kind calendar has days.", "Leave them out.")
    if kind != "rolling" and expiry.end_of != "day":
        yield Fault("expiry.end_of", "Only the kind rolling is put off to an end.", "Leave it out.")
    for index, day in enumerate(expiry.days):
        if not _is_day(f"2024-{day}"):  # a leap year: the 29th of February is a day
            yield Fault(path("expiry", "days", index), f'"{day}" is no day.', 'Write it like "12-31".')


def _tiers(tiers: reading.TiersBody) -> Iterator[Fault]:
    yield from _unique("tiers.levels", tiers.levels)
    highest = 0
    for index, level in enumerate(tiers.levels):
        place: Place = ("tiers", "levels", index)
        yield from _level(level, place)
        if level.threshold is not None and level.threshold <= highest:
            sentence = f"{level.threshold} is not above the {highest} of the level before."
            yield Fault(path(*place, "threshold"), sentence, "Let the levels rise.")
        highest = max(highest, level.threshold or 0)


def _level(level: reading.LevelBody, place: Place) -> Iterator[Fault]:
    if level.paid and (level.threshold is not None or level.jump is not None):
        yield Fault(
            path(*place, "paid"), "A level is either bought or earned.", "Leave `threshold` and `jump` out."
        )
    if not level.paid and level.threshold is None:
        yield Fault(
            path(*place, "threshold"), "Nothing leads to this level.", 'Write "threshold": 1000, or `paid`.'
        )
    if not 0 < Fraction(*level.multiplier) <= 100:
        yield Fault(
            path(*place, "multiplier"), "It lies above 0, up to 100.", "Write [3, 2] for half as many again."
        )
    if not 0 <= Fraction(*level.discount) <= 100:
        yield Fault(path(*place, "discount"), "It lies between 0 and 100.", "Write [5, 1] for 5 percent.")


def _paying(body: reading.ProgramBody) -> Iterator[Fault]:
    if body.paying is None:
        return
    if body.paying.worth[0] == 0:
        yield Fault("paying.worth", "A point that is worth nothing pays nothing.", "Write [1, 1] or more.")
    elif body.unit.counted == "money" and Fraction(*body.paying.worth) != 1:
        yield Fault("paying.worth", "What is counted is money already.", "Leave it out.")
    if not 0 < Fraction(*body.paying.share) <= 1:
        yield Fault("paying.share", "It lies above 0, up to the whole receipt.", "Write [1, 2] for a half.")


def _goal(body: reading.ProgramBody) -> Iterator[Fault]:
    leads = (
        body.rewards or body.paying or (body.tiers and any(level.threshold for level in body.tiers.levels))
    )
    if not leads:
        remedy = "Add a reward, a level with a threshold, or `paying`."
        yield Fault("rewards", "The bar on the card would lead nowhere.", remedy)
