"""What a rule gives, in the same words with and without the arithmetic of a purchase."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from wallet_service.domain.program import Ratio, Texts
from wallet_service.domain.rule import (
    Bands,
    Discount,
    Each,
    Effect,
    Flat,
    Grant,
    Limit,
    Multiply,
    PerAmount,
    Rule,
)
from wallet_service.domain.wording.conditions import clause
from wallet_service.domain.wording.speech import (
    PIECES,
    TIMES,
    VISITS,
    Voice,
    factor,
    noun,
    operand,
    plural,
    ratio,
    sentence,
)

RATE: Texts = {"en": "{give} for every {per}", "ru": "{give} за каждые {per}"}
RATE_OF_ONE: Texts = {"en": "{give} for every {per}", "ru": "{give} за {per}"}  # no gender of the currency
SHARE: Texts = {"en": "{percent} back", "ru": "кешбэк {percent}"}
BAND: Texts = {"en": "from {start} on {rate}", "ru": "от {start} — {rate}"}
RATE_MADE: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "{rate} of {total} makes {made}", "other": "{rate} of {total} make {made}"},
    "ru": {"other": "{rate}, с {total} — {made}"},
}
SHARE_MADE: Texts = {"en": "{rate} of {total} makes {made}", "ru": "{rate} с {total} — {made}"}
MONEY_BACK: Texts = {"en": "{points} back", "ru": "кешбэк {points}"}

PER_VISIT: Texts = {"en": "{give} for each visit", "ru": "{give} за каждый визит"}
PER_VISIT_FROM: Texts = {
    "en": "{give} for each visit from {minimum}",
    "ru": "{give} за каждый визит от {minimum}",
}
THE_VISIT: Texts = {"en": "{give} for the visit", "ru": "{give} за визит"}
PER_ITEM: Texts = {"en": "{give} for each item", "ru": "{give} за каждый товар"}
PER_NAMED_ITEM: Texts = {"en": "{give} for each {item}", "ru": "{give} за каждый товар {item}"}
EACH_MADE: Texts = {"en": "{each}, {count}: {made}", "ru": "{each}, {count}: {made}"}

GIFT: Texts = {"en": "{points} as a gift", "ru": "{points} в подарок"}
TIMES_POINTS: Texts = {"en": "{units} times {by}", "ru": "в {count} больше {units}"}
TIMES_MONEY: Texts = {"en": "money back times {by}", "ru": "в {count} больше кешбэка"}
LESS: Texts = {"en": "times {by}", "ru": "коэффициент {by}"}
OFF: Texts = {"en": "{what} off", "ru": "скидка {what}"}
OFF_MADE: Texts = {"en": "{off}, that is {amount}", "ru": "{off} — {amount}"}

WINDOWS: Mapping[str, Texts] = {
    "day": {"en": "a day", "ru": "в день"},
    "week": {"en": "a week", "ru": "в неделю"},
    "month": {"en": "a month", "ru": "в месяц"},
    "year": {"en": "a year", "ru": "в год"},
    "ever": {"en": "in all", "ru": "за всё время"},
}
AT_MOST_TIMES: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "at most once {window}", "other": "at most {times} {window}"},
    "ru": {"other": "максимум {times} {window}"},
}
AT_MOST_POINTS: Texts = {"en": "at most {points} at once", "ru": "максимум {points} за раз"}


def offer(voice: Voice, rule: Rule) -> str:
    """What the rule gives, without when: "5 points for every ₽100"."""
    return voice.all_of([effect(voice, each) for each in rule.then])


def fired(voice: Voice, rule: Rule | None, what: str) -> str:
    """One sentence: when the rule holds, then what it gave."""
    when = clause(voice, rule) if rule else ""
    return sentence(f"{when}: {what}" if when else what)


def effect(voice: Voice, gives: Effect) -> str:
    match gives:
        case Flat():
            return flat(voice, gives.points)
        case PerAmount():
            return rate(voice, gives.give, gives.per)
        case Bands():
            return bands(voice, gives)
        case Each():
            return each(voice, gives.what, gives.give, gives.category)
        case Multiply():
            return times(voice, ratio(gives.by))
        case Grant():
            return gift(voice, gives.points)
        case Discount():
            return discount(voice, gives.percent, gives.money)


def flat(voice: Voice, points: int) -> str:
    told = voice.counted(points)
    return voice.say(MONEY_BACK, points=told) if voice.program.unit.money else told


def rate(voice: Voice, give: int, per: int) -> str:
    if voice.program.unit.money:
        return voice.say(SHARE, percent=voice.percent(Fraction(give * 100, per or 1)))
    text = RATE_OF_ONE if _is_one(per) else RATE
    return voice.say(text, give=voice.counted(give), per=voice.money(per))


def rate_made(voice: Voice, give: int, per: int, total: int, made: Fraction) -> str:
    text = plural(RATE_MADE[voice.language], voice.language, give)
    if voice.program.unit.money:
        text = SHARE_MADE[voice.language]
    return text.format(rate=rate(voice, give, per), total=voice.money(total), made=voice.counted(made))


def bands(voice: Voice, gives: Bands) -> str:
    (_, lowest), *higher = gives.bands
    told = [rate(voice, lowest.give, lowest.per)]
    for start, band in higher:
        told.append(voice.say(BAND, start=voice.money(start), rate=rate(voice, band.give, band.per)))
    return ", ".join(told)


def each(voice: Voice, what: str, give: int, category: str | None) -> str:
    if what == "visit":
        minimum = voice.program.visit_minimum
        text = PER_VISIT_FROM if minimum else PER_VISIT
        return voice.say(text, give=voice.counted(give), minimum=voice.money(minimum))
    return _per_item(voice, give, category)


def visits_made(voice: Voice, visits: int, per_visit: int) -> str:
    give = voice.counted(per_visit)
    if visits == 1:
        return voice.say(THE_VISIT, give=give)
    each_visit = voice.say(PER_VISIT, give=give)
    return _made(voice, each_visit, voice.amount(visits, VISITS), visits * per_visit)


def items_made(voice: Voice, items: int, per_item: int, category: str | None) -> str:
    each_item = _per_item(voice, per_item, category)
    return _made(voice, each_item, voice.amount(items, PIECES), items * per_item)


def times(voice: Voice, by: Fraction) -> str:
    """«В 1,5 раза больше баллов»: the genitive plural is the form that goes with none."""
    told, language = factor(by, voice.language), voice.language
    if by < 1:
        return voice.say(LESS, by=told)
    words = {"by": told, "count": f"{told}\u00a0{plural(TIMES[language], language, operand(by))}"}
    if voice.program.unit.money:
        return voice.say(TIMES_MONEY, **words)
    return voice.say(TIMES_POINTS, **words, units=noun(voice.program.unit, language, 0))


def gift(voice: Voice, points: int) -> str:
    return voice.say(GIFT, points=voice.counted(points))


def discount(voice: Voice, percent: Ratio | None, money: int | None) -> str:
    what = voice.percent(ratio(percent)) if percent else voice.money(money or 0)
    return voice.say(OFF, what=what)


def discount_made(voice: Voice, percent: Ratio, amount: int) -> str:
    return voice.say(OFF_MADE, off=discount(voice, percent, None), amount=voice.money(amount))


def limits(voice: Voice, limit: Limit) -> list[str]:
    told = []
    if limit.times is not None:
        told.append(at_most_times(voice, limit.times, limit.window))
    if limit.points is not None:
        told.append(at_most_points(voice, limit.points))
    return told


def at_most_times(voice: Voice, times: int, window: str) -> str:
    within = voice.say(WINDOWS.get(window, WINDOWS["ever"]))
    text = plural(AT_MOST_TIMES[voice.language], voice.language, times)
    return text.format(times=voice.amount(times, TIMES), window=within)


def at_most_points(voice: Voice, points: int) -> str:
    return voice.say(AT_MOST_POINTS, points=voice.counted(points))


def _is_one(per: int) -> bool:
    return per == 100


def _per_item(voice: Voice, give: int, category: str | None) -> str:
    text = PER_NAMED_ITEM if category else PER_ITEM
    return voice.say(text, give=voice.counted(give), item=voice.quoted(category or ""))


def _made(voice: Voice, each_one: str, count: str, made: int) -> str:
    return voice.say(EACH_MADE, each=each_one, count=count, made=voice.counted(made))
