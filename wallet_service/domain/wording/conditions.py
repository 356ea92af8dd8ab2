"""When a rule holds, in the few words that stand before what it gives: "on Mondays", «от 300 ₽»."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wallet_service.domain.program import Texts
from wallet_service.domain.rule import Bands, Condition, Each, Effect, PerAmount, Rule, Trigger
from wallet_service.domain.wording.speech import Voice

TOTAL: Mapping[str, Texts] = {
    ">=": {"en": "for purchases from {low}", "ru": "при покупке от {low}"},
    ">": {"en": "for purchases above {low}", "ru": "при покупке больше {low}"},
    "<=": {"en": "for purchases up to {low}", "ru": "при покупке до {low} включительно"},
    "<": {"en": "for purchases below {low}", "ru": "при покупке меньше {low}"},
    "between": {"en": "for purchases from {low} to {high}", "ru": "при покупке от {low} до {high}"},
}
ITEM: Texts = {"en": "with {items}", "ru": "с товаром {items}"}
ITEMS: Texts = {"en": "with {items} ({quantity} or more)", "ru": "с товаром {items} (от {quantity}\u00a0шт.)"}
HOURS: Texts = {"en": "from {low} to {high}", "ru": "с {low} до {high}"}
WEEKDAYS: Texts = {"en": "on {days}", "ru": "по {days}"}
WEEKDAY_SPAN: Texts = {"en": "from {first} to {last}", "ru": "с {first} по {last}"}
AMONG: Mapping[str, Texts] = {
    "tier": {"en": "with tier {names}", "ru": "на уровне {names}"},
    "channel": {"en": "through {names}", "ru": "через {names}"},
    "payment": {"en": "when paid by {names}", "ru": "при оплате {names}"},
    "store": {"en": "in store {names}", "ru": "в магазине {names}"},
    "action": {"en": "for {names}", "ru": "за {names}"},
}
EXCEPT: Mapping[str, Texts] = {
    "tier": {"en": "except with tier {names}", "ru": "кроме уровня {names}"},
    "channel": {"en": "except through {names}", "ru": "кроме канала {names}"},
    "payment": {"en": "except when paid by {names}", "ru": "кроме оплаты {names}"},
    "store": {"en": "except in store {names}", "ru": "кроме магазина {names}"},
    "action": {"en": "except for {names}", "ru": "кроме {names}"},
}
OTHER: Texts = {"en": "with {field} {names}", "ru": "если {field} {names}"}
EITHER: Mapping[str, tuple[str, str]] = {"en": ("either ", ", or "), "ru": ("либо ", ", либо ")}
ANY: Mapping[str, str] = {"en": ", or ", "ru": ", или "}
JOINING: Texts = {"en": "on joining", "ru": "при вступлении"}
AN_ACTION: Texts = {"en": "for an action", "ru": "за действие"}
EACH_VISIT: Texts = {"en": "with each visit", "ru": "с каждым визитом"}
EACH_VISIT_FROM: Texts = {"en": "with each visit from {minimum}", "ru": "с каждым визитом от {minimum}"}
EACH_PURCHASE: Texts = {"en": "with each purchase", "ru": "с каждой покупкой"}

DAYS: Mapping[str, Sequence[str]] = {
    "en": ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
    "ru": (
        "понедельникам",
        "вторникам",
        "средам",
        "четвергам",
        "пятницам",
        "субботам",
        "воскресеньям",
    ),
}
FIRST_DAYS: Mapping[str, Sequence[str]] = {
    "en": tuple(day[:-1] for day in DAYS["en"]),
    "ru": ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья"),
}
LAST_DAYS: Mapping[str, Sequence[str]] = {
    "en": FIRST_DAYS["en"],
    "ru": ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
}
A_SPAN = 3
"""So many days in a row are told by the first and the last."""


def clause(voice: Voice, rule: Rule) -> str:
    """All that must hold: "on Mondays, for purchases from ₽300"; empty for a rule that always holds and says
    so in what it gives.
    """
    parts = [condition(voice, each) for each in rule.every]
    if rule.some:
        parts.append(_either(voice, rule.some))
    minimum = voice.program.visit_minimum
    if lead := _lead(rule, minimum=minimum, alone=not parts):
        parts.insert(0, voice.say(lead, minimum=voice.money(minimum)))
    return ", ".join(parts)


def any_condition(voice: Voice, conditions: Sequence[Condition]) -> str:
    return ANY[voice.language].join(condition(voice, each) for each in conditions)


def condition(voice: Voice, holds: Condition) -> str:
    values = tuple(str(value) for value in holds.value)
    if holds.field == "total":
        return total(voice, holds.op, [int(value) for value in holds.value])
    if holds.field == "item":
        return item(voice, values, holds.quantity)
    if holds.field == "weekday":
        return weekdays(voice, values)
    if holds.field == "local_time":
        return hours(voice, values[0], values[-1])
    return among(voice, holds.field, values, excepted=holds.op == "not in")


def total(voice: Voice, op: str, amounts: Sequence[int]) -> str:
    return voice.say(TOTAL[op], low=voice.money(amounts[0]), high=voice.money(amounts[-1]))


def item(voice: Voice, names: Sequence[str], quantity: int) -> str:
    text = ITEMS if quantity > 1 else ITEM
    items = voice.any_of([voice.quoted(name) for name in names])
    return voice.say(text, items=items, quantity=voice.number(quantity))


def weekdays(voice: Voice, days: Sequence[str]) -> str:
    """ISO weekdays as they stand in a rule or a trace; what is none is left out."""
    known = sorted({int(day) - 1 for day in days if day.strip() in set("1234567")})
    language = voice.language
    if A_SPAN <= len(known) == known[-1] - known[0] + 1:
        first, last = FIRST_DAYS[language][known[0]], LAST_DAYS[language][known[-1]]
        return voice.say(WEEKDAY_SPAN, first=first, last=last)
    return voice.say(WEEKDAYS, days=voice.all_of([DAYS[language][day] for day in known]))


def hours(voice: Voice, start: str, end: str) -> str:
    return voice.say(HOURS, low=start, high=end)


def among(voice: Voice, field: str, names: Sequence[str], *, excepted: bool = False) -> str:
    told = [voice.tier(name) if field == "tier" else voice.quoted(name) for name in names]
    text = (EXCEPT if excepted else AMONG).get(field, OTHER)
    return voice.say(text, names=voice.any_of(told), field=field)


def _either(voice: Voice, conditions: Sequence[Condition]) -> str:
    first, between = EITHER[voice.language]
    told = [condition(voice, each) for each in conditions]
    return first + between.join(told) if len(told) > 1 else told[0]


def _lead(rule: Rule, *, minimum: int, alone: bool) -> Texts | None:
    """What happens, where neither a condition nor the effect itself says it."""
    match rule.trigger:
        case Trigger.JOIN:
            return JOINING
        case Trigger.ACTION:
            named = any(condition.field == "action" for condition in (*rule.every, *rule.some))
            return None if named else AN_ACTION
        case Trigger.VISIT if minimum and not all(_tells_visits(effect) for effect in rule.then):
            return EACH_VISIT_FROM
    if not alone or all(isinstance(effect, PerAmount | Bands | Each) for effect in rule.then):
        return None
    return EACH_VISIT if rule.trigger is Trigger.VISIT else EACH_PURCHASE


def _tells_visits(effect: Effect) -> bool:
    return isinstance(effect, Each) and effect.what == "visit"
