"""Explain this number: every step of a trace as a sentence with its arithmetic, or with what was missing.

Traces live for ever, so nothing in here may fail on one: a fact that is not there counts as 0 or as nothing,
and a step that nobody knows any more gets a plain sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from wallet_service.domain.program import Program, Texts
from wallet_service.domain.rules import Step
from wallet_service.domain.wording import effects
from wallet_service.domain.wording.reasons import reason
from wallet_service.domain.wording.speech import MONTHS, Voice, noun
from wallet_service.domain.wording.trace import Telling, Trace, read

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
    "recouped": {
        "en": "Kept for a purchase that was brought back: {points}.",
        "ru": "Зачтено за возвращённую покупку: {points}.",
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
        "en": "{nothing}: a visit counts from {minimum}, this was {money_short} short.",
        "ru": "{nothing}: визит засчитывается от {minimum}, не хватило {money_short}.",
    },
}

NO_POINTS: Texts = {"en": "No {units}", "ru": "Без начисления"}
NO_MONEY: Texts = {"en": "No money back", "ru": "Без кешбэка"}
NO_RULE: Texts = {
    "en": "No rule of the program gives anything for this.",
    "ru": "В программе нет правила, которое за это начисляет.",
}
UNKNOWN: Texts = {
    "en": "Another rule of the program applied.",
    "ru": "Подействовало другое правило программы.",
}
UNKNOWN_NOT: Texts = {
    "en": "Another rule of the program did not apply.",
    "ru": "Другое правило программы не подействовало.",
}


SAID_ONCE = ("reversed", "refunded", "given_back")


def explain(program: Program, steps: Iterable[Step], language: str) -> str:
    """Why an entry is worth what it is worth, in whole sentences. The undo of a reward takes the new round's
    gift back in the same words, which are said once.
    """
    voice, told = Voice(program, language), list[str]()
    for step in steps:
        sentence = _told(voice, step)
        if step.rule not in SAID_ONCE or sentence not in told:
            told.append(sentence)
    return " ".join(told) or voice.say(NO_RULE)


def _told(voice: Voice, step: Step) -> str:
    trace = read(voice.program, step)
    if tell := GAVE.get(step.rule):
        return effects.fired(voice, trace.rule, tell(voice, trace))
    if booked := _booked(step.rule, trace):
        return booked[voice.language].format_map(_Words(voice, trace))
    return reason(voice, step.rule, trace) or voice.say(UNKNOWN if step.fired else UNKNOWN_NOT)


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
    return effects.flat(voice, trace.points)


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


def _nothing(voice: Voice, _: Trace) -> str:
    unit = voice.program.unit
    return voice.say(NO_MONEY) if unit.money else voice.say(NO_POINTS, units=noun(unit, voice.language, 0))


WORDS: Mapping[str, Telling] = {
    "nothing": _nothing,
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
