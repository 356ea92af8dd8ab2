"""Explain this number: every step of a trace as a sentence with its arithmetic, or with what was missing.

Traces live for ever, so nothing in here may fail on one: a fact that is not there counts as 0 or as nothing,
and a step that nobody knows any more gets a plain sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from wallet_service.domain.errors import Fact
from wallet_service.domain.program import Program, Ratio, Texts
from wallet_service.domain.rule import Rule
from wallet_service.domain.rules import Step
from wallet_service.domain.wording import conditions, effects
from wallet_service.domain.wording.speech import MONTHS, Voice, ratio, sentence

STEPS: Mapping[str, Texts] = {
    "welcome": {"en": "A welcome gift.", "ru": "Подарок за знакомство."},
    "new_round": {"en": "A start into the new round.", "ru": "Подарок к новому кругу."},
    "reward": {"en": "{reward} was given.", "ru": "Выдано: {reward}."},
    "adjusted": {"en": "Corrected: {reason}", "ru": "Исправлено: {reason}"},
    "refunded": {"en": "The purchase was brought back.", "ru": "Покупка возвращена."},
    "reversed": {"en": "Taken back at the till.", "ru": "Отменено на кассе."},
    "refunded_part": {
        "en": "{back} of {total} came back. Earned by the receipt: {earned}; taken back so far: {taken}.",
        "ru": "Возвращено {back} из {total}. Начислено по чеку: {earned}; из них уже списано: {taken}.",
    },
    "clamped": {
        "en": "Not taken back, because spent already: {short}.",
        "ru": "Не списано, потому что уже потрачено: {short}.",
    },
    "into_debt": {
        "en": "Spent already: {short}. What is earned next makes up for it.",
        "ru": "Уже потрачено: {short}. Это закроют следующие начисления.",
    },
    "absorbed": {
        "en": "Made up for an earlier refund: {points}.",
        "ru": "В счёт прошлого возврата: {points}.",
    },
    "expired": {"en": "The time ran out on {day}.", "ru": "Срок истёк {day}."},
    "imported": {"en": "Carried over from before.", "ru": "Перенесено из прежней программы."},
    "merged_in": {"en": "Taken over from another card.", "ru": "Перенесено с другой карты."},
    "merged_out": {"en": "Moved to another card.", "ru": "Перенесено на другую карту."},
    "paid_with": {"en": "Paid {money} of the receipt.", "ru": "Оплачено {money} из суммы чека."},
    "given_back": {
        "en": "Cancelled: what was spent is given back.",
        "ru": "Списание отменено, потраченное возвращено.",
    },
    "burnt_since": {"en": "Expired in the meantime: {points}.", "ru": "За это время сгорело: {points}."},
    "graced": {"en": "Given more time, until {day}: {points}.", "ru": "Срок продлён до {day}: {points}."},
    "tier": {"en": "With tier {tier}: {times}.", "ru": "На уровне {tier}: {times}."},
    "tier_discount": {"en": "With tier {tier}: {discount}.", "ru": "На уровне {tier}: {discount}."},
    "paid_tier": {"en": "Tier {tier} for {months}.", "ru": "Уровень {tier} на {months}."},
    "carried_in": {
        "en": "Kept from earlier visits: {fraction}.",
        "ru": "Сохранено с прошлых визитов: {fraction}.",
    },
    "owed_in": {
        "en": "Owed from an earlier refund: {fraction}.",
        "ru": "Долг после прошлого возврата: {fraction}.",
    },
    "carried_out": {
        "en": "Kept for the next visit: {fraction}.",
        "ru": "Сохранено до следующего визита: {fraction}.",
    },
    "owed_out": {
        "en": "Owed until the next visit: {fraction}.",
        "ru": "Долг до следующего визита: {fraction}.",
    },
    "rounded_floor": {"en": "Rounded down from {fraction}.", "ru": "Округлено вниз, было {fraction}."},
    "rounded_half_up": {
        "en": "Rounded to the nearest whole from {fraction}.",
        "ru": "Округлено до ближайшего целого, было {fraction}.",
    },
    "rounded_ceil": {"en": "Rounded up from {fraction}.", "ru": "Округлено вверх, было {fraction}."},
    "dry_run": {
        "en": "A rule on trial would have given {points}; nothing was given by it.",
        "ru": "Пробное правило, пока ничего не начисляет. Было бы: {points}.",
    },
    "visit_too_small": {
        "en": "Nothing for it: a visit counts from {minimum}, this was {money_short} short.",
        "ru": "Без начисления: визит засчитывается от {minimum}, не хватило {money_short}.",
    },
}

UNKNOWN: Texts = {
    "en": "Another rule of the program applied.",
    "ru": "Подействовало другое правило программы.",
}
UNKNOWN_NOT: Texts = {
    "en": "Another rule of the program did not apply.",
    "ru": "Другое правило программы не подействовало.",
}
NOT_THIS_TIME: Texts = {"en": "{offer}: not this time, {reason}", "ru": "{offer}: не в этот раз, {reason}"}
NO_OFFER: Texts = {"en": "Not this time: {reason}", "ru": "Не в этот раз: {reason}"}
ON_TRIAL: Texts = {"en": "{offer} (on trial)", "ru": "{offer} (проба)"}
HELD_BACK: Texts = {"en": "{offer}: {limit}", "ru": "{offer}: {limit}"}

SHORT: Texts = {"en": "{short} short of {minimum}", "ru": "не хватило {short} до {minimum}"}
OVER: Texts = {"en": "{over} above {most}", "ru": "на {over} больше, чем {most}"}
ONLY: Texts = {"en": "only {when}", "ru": "только {when}"}
ONLY_ITEMS: Texts = {"en": "only {when}, there were {had}", "ru": "только {when}, было {had}"}
NO_ITEMS: Texts = {"en": "there were no items on the receipt", "ru": "в чеке не было товаров"}
NO_TOTAL: Texts = {"en": "the total was not told", "ru": "сумма покупки не указана"}
NOT_TOLD: Mapping[str, Texts] = {
    "channel": {"en": "the channel was not told", "ru": "канал не указан"},
    "payment": {"en": "the way of paying was not told", "ru": "способ оплаты не указан"},
    "store": {"en": "the store was not told", "ru": "магазин не указан"},
    "action": {"en": "the action was not told", "ru": "действие не указано"},
    "tier": {"en": "the tier was not told", "ru": "уровень не указан"},
}
EXCLUDED: Texts = {"en": "it does not count {when}", "ru": "не действует {when}"}
A_CONDITION: Texts = {"en": "no condition of the rule was met", "ru": "ни одно условие не выполнено"}
NOT_YET: Texts = {"en": "it begins on {day}", "ru": "срок начнётся {day}"}
NO_LONGER: Texts = {"en": "it ended on {day}", "ru": "срок истёк {day}"}
OVERRULED: Texts = {
    "en": "another offer counts alone",
    "ru": "не суммируется с другим предложением",
}
OVERRULED_BY: Texts = {
    "en": "another offer counts alone ({offer})",
    "ru": "не суммируется с другим предложением ({offer})",
}
CAPPED: Texts = {"en": "{most} instead of {was}", "ru": "{most} вместо {was}"}
USED_UP: Texts = {"en": "{limit}, none is left", "ru": "{limit}, лимит исчерпан"}
SOME_LEFT: Texts = {"en": "{limit}, {left} left this time", "ru": "{limit}, на этот раз оставалось {left}"}


def explain(program: Program, steps: Iterable[Step], language: str) -> str:
    """Why an entry is worth what it is worth, in whole sentences, each once: the undo of a reward takes the
    new round's gift back in the same words.
    """
    voice = Voice(program, language)
    return " ".join(dict.fromkeys(_told(voice, step) for step in steps))


@dataclass(frozen=True)
class Trace:
    """One step as it can be read, whatever it lacks."""

    points: int
    facts: Mapping[str, Fact]
    rule: Rule | None

    def number(self, name: str) -> int:
        value = self.facts.get(name)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str:
        value = self.facts.get(name)
        return "" if value is None else str(value)

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(part for part in self.text(name).split(",") if part)

    @property
    def pair(self) -> Ratio:
        return self.number("num"), self.number("den") or 1

    @property
    def ratio(self) -> Fraction:
        return ratio(self.pair)


Telling = Callable[[Voice, Trace], str]


def _told(voice: Voice, step: Step) -> str:
    facts = dict(step.facts)
    rule = _rule(voice.program, facts.get("id"))
    trace = Trace(step.points, facts, rule)
    if step.rule in GAVE:
        return effects.fired(voice, rule, GAVE[step.rule](voice, trace))
    if step.rule in WITHHELD:
        return _not_this_time(voice, rule, WITHHELD[step.rule](voice, trace))
    if step.rule in REDUCED:
        return _held_back(voice, rule, REDUCED[step.rule](voice, trace))
    if booked := _booked(step.rule, trace):
        return booked[voice.language].format_map(_Words(voice, trace))
    return voice.say(UNKNOWN if step.fired else UNKNOWN_NOT)


def _rule(program: Program, rule_id: Fact) -> Rule | None:
    return next((rule for rule in program.rules if rule.id == rule_id), None)


def _not_this_time(voice: Voice, rule: Rule | None, reason: str) -> str:
    if rule is None:
        return sentence(voice.say(NO_OFFER, reason=reason))
    return sentence(voice.say(NOT_THIS_TIME, offer=_offer(voice, rule), reason=reason))


def _held_back(voice: Voice, rule: Rule | None, limit: str) -> str:
    if rule is None:
        return sentence(limit)
    return sentence(voice.say(HELD_BACK, offer=_offer(voice, rule), limit=limit))


def _offer(voice: Voice, rule: Rule) -> str:
    offer = effects.offer(voice, rule)
    return voice.say(ON_TRIAL, offer=offer) if rule.dry_run else offer


def _visit(voice: Voice, trace: Trace) -> str:
    return effects.visits_made(voice, trace.number("visits"), trace.number("per_visit"))


def _item(voice: Voice, trace: Trace) -> str:
    category = trace.text("category") or None
    return effects.items_made(voice, trace.number("items"), trace.number("per_item"), category)


def _amount(voice: Voice, trace: Trace) -> str:
    """Exactly; only traces from before rules had ids gave whole points at once."""
    give, per, total = trace.number("give"), trace.number("per_amount"), trace.number("total")
    made = Fraction(total * give, per or 1) if "id" in trace.facts else Fraction(trace.points)
    return effects.rate_made(voice, give, per, total, made)


def _flat(voice: Voice, trace: Trace) -> str:
    return voice.counted(trace.points)


def _multiplied(voice: Voice, trace: Trace) -> str:
    return effects.times(voice, trace.ratio)


def _gift(voice: Voice, trace: Trace) -> str:
    return effects.gift(voice, trace.points)


def _discount(voice: Voice, trace: Trace) -> str:
    return effects.discount_made(voice, trace.pair, trace.number("amount"))


def _discount_money(voice: Voice, trace: Trace) -> str:
    return effects.discount(voice, None, trace.number("amount"))


GAVE: Mapping[str, Telling] = {
    "visit": _visit,
    "item": _item,
    "amount": _amount,
    "flat": _flat,
    "multiplied": _multiplied,
    "gift": _gift,
    "discount": _discount,
    "discount_money": _discount_money,
}


def _short(voice: Voice, trace: Trace) -> str:
    minimum = trace.number("minimum")
    if not minimum:
        return voice.say(NO_TOTAL)
    return voice.say(SHORT, short=voice.money(trace.number("short")), minimum=voice.money(minimum))


def _over(voice: Voice, trace: Trace) -> str:
    return voice.say(OVER, over=voice.money(trace.number("over")), most=voice.money(trace.number("most")))


def _missing_item(voice: Voice, trace: Trace) -> str:
    names, had = trace.names("item"), trace.number("had")
    if not names:
        return voice.say(NO_ITEMS)
    when = conditions.item(voice, names, trace.number("wanted"))
    return voice.say(ONLY_ITEMS if had else ONLY, when=when, had=voice.number(had))


def _missing_weekday(voice: Voice, trace: Trace) -> str:
    return voice.say(ONLY, when=conditions.weekdays(voice, trace.names("days")))


def _missing_time(voice: Voice, trace: Trace) -> str:
    return voice.say(ONLY, when=conditions.hours(voice, trace.text("start"), trace.text("end")))


def _missing(field: str, fact: str) -> Telling:
    def tell(voice: Voice, trace: Trace) -> str:
        if names := trace.names(fact):
            return voice.say(ONLY, when=conditions.among(voice, field, names))
        return voice.say(NOT_TOLD[field])

    return tell


def _excluded(voice: Voice, trace: Trace) -> str:
    when = conditions.among(voice, trace.text("field"), (trace.text("value"),))
    return voice.say(EXCLUDED, when=when)


def _missing_any(voice: Voice, trace: Trace) -> str:
    if trace.rule is None or not trace.rule.some:
        return voice.say(A_CONDITION)
    return voice.say(ONLY, when=conditions.any_condition(voice, trace.rule.some))


def _not_yet(voice: Voice, trace: Trace) -> str:
    return voice.say(NOT_YET, day=voice.full_day(trace.text("first_day")))


def _no_longer(voice: Voice, trace: Trace) -> str:
    return voice.say(NO_LONGER, day=voice.full_day(trace.text("last_day")))


def _overruled(voice: Voice, trace: Trace) -> str:
    by = _rule(voice.program, trace.facts.get("by"))
    return voice.say(OVERRULED_BY, offer=effects.offer(voice, by)) if by else voice.say(OVERRULED)


WITHHELD: Mapping[str, Telling] = {
    "missing_total": _short,
    "above_total": _over,
    "missing_item": _missing_item,
    "missing_weekday": _missing_weekday,
    "missing_time": _missing_time,
    "missing_tier": _missing("tier", "tiers"),
    "missing_channel": _missing("channel", "wanted"),
    "missing_payment": _missing("payment", "wanted"),
    "missing_store": _missing("store", "wanted"),
    "missing_action": _missing("action", "wanted"),
    "excluded_by": _excluded,
    "missing_any": _missing_any,
    "not_yet": _not_yet,
    "no_longer": _no_longer,
    "overruled": _overruled,
}


def _capped(voice: Voice, trace: Trace) -> str:
    most = effects.at_most_points(voice, trace.number("most"))
    return voice.say(CAPPED, most=most, was=voice.counted(trace.number("was")))


def _limited(voice: Voice, trace: Trace) -> str:
    limit = effects.at_most_times(voice, trace.number("times"), trace.text("window"))
    left = trace.number("left")
    return voice.say(SOME_LEFT if left else USED_UP, limit=limit, left=voice.number(left))


REDUCED: Mapping[str, Telling] = {"capped": _capped, "limited": _limited}


def _booked(key: str, trace: Trace) -> Texts | None:
    if key in ("carried_in", "carried_out"):
        return STEPS[key.replace("carried", "owed") if trace.ratio < 0 else key]
    if key == "rounded":
        return STEPS.get(f"rounded_{trace.text('mode')}", STEPS["rounded_floor"])
    return STEPS.get(key)


class _Words(dict[str, str]):
    """The words of a sentence, each made when it is asked for."""

    def __init__(self, voice: Voice, trace: Trace) -> None:
        super().__init__()
        self.voice, self.trace = voice, trace

    def __missing__(self, name: str) -> str:
        return WORDS[name](self.voice, self.trace)


def _points(name: str) -> Telling:
    return lambda voice, trace: voice.counted(trace.number(name))


def _money(name: str) -> Telling:
    return lambda voice, trace: voice.money(trace.number(name))


def _reward(voice: Voice, trace: Trace) -> str:
    reward = voice.program.reward(trace.text("reward"))
    return reward.name[voice.language] if reward else trace.text("reward")


WORDS: Mapping[str, Telling] = {
    "reward": _reward,
    "reason": lambda _, trace: trace.text("reason"),
    "day": lambda voice, trace: voice.full_day(trace.text("day")),
    "tier": lambda voice, trace: voice.tier(trace.text("tier")),
    "months": lambda voice, trace: voice.amount(trace.number("months"), MONTHS),
    "fraction": lambda voice, trace: voice.counted(abs(trace.ratio)),
    "times": lambda voice, trace: effects.times(voice, trace.ratio),
    "discount": _discount,
    **{name: _points(name) for name in ("earned", "taken", "short", "points")},
    **{name: _money(name) for name in ("back", "total", "money", "minimum")},
    "money_short": _money("short"),
}
