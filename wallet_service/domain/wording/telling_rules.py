"""The public rules of a program, told from the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from wallet_service.domain.program import (
    Expiry,
    ExpiryKind,
    Paying,
    Program,
    Refunds,
    Reward,
    RewardKind,
    Rounding,
    Texts,
)
from wallet_service.domain.rule import Bands, Discount, Multiply, PerAmount, Rule
from wallet_service.domain.wording import effects
from wallet_service.domain.wording.conditions import clause
from wallet_service.domain.wording.speech import DAYS, MONTHS, Voice, day_of_year, ratio, sentence
from wallet_service.domain.wording.telling_tiers import tier_lines

WHEN: Texts = {"en": "{when}: {offer}", "ru": "{when}: {offer}"}
ALONE: Texts = {"en": "Does not add up with other offers.", "ru": "Не суммируется с другими предложениями."}
ALONE_ORDER: Texts = {
    "en": "Of the offers that do not add up, the first that applies counts, in this order.",
    "ru": "Из предложений, которые не суммируются, действует первое подходящее, по порядку этого списка.",
}
BETWEEN_DAYS: Texts = {"en": "From {first} to {last}.", "ru": "С {first} по {last}."}
FROM_DAY: Texts = {"en": "From {first} on.", "ru": "С {first}."}
TO_DAY: Texts = {"en": "Until {last}.", "ru": "По {last} включительно."}

REWARD: Texts = {"en": "{cost}: {name}.", "ru": "{cost} — {name}."}
REWARD_OF: Texts = {"en": "{cost}: {name} ({kind}).", "ru": "{cost} — {name} ({kind})."}
REWARD_KINDS: Mapping[RewardKind, Texts] = {
    RewardKind.MONEY_OFF: {"en": "{value} off", "ru": "скидка {value}"},
    RewardKind.PERCENT_OFF: {"en": "{value} off", "ru": "скидка {value}"},
    RewardKind.DONATION: {"en": "{value} is donated", "ru": "пожертвование {value}"},
}
FROM_TIER: Texts = {"en": "From tier {tier} up.", "ru": "Начиная с уровня {tier}."}
STOCK: Texts = {"en": "While stocks last: {stock} in all.", "ru": "Количество ограничено: {stock}\u00a0шт."}

WELCOME_ROUND: Texts = {
    "en": "Every round starts with {welcome} as our gift.",
    "ru": "Каждый круг начинается с подарка: {welcome}.",
}
WELCOME_ONCE: Texts = {
    "en": "A new card starts with {welcome} as our gift.",
    "ru": "Новая карта начинается с подарка: {welcome}.",
}
WELCOME_FREED: Texts = {
    "en": "The first gift can be spent after the first paid purchase.",
    "ru": "Первый подарок можно потратить после первой оплаченной покупки.",
}

PAYING: Texts = {
    "en": "{points} pay {money} at the till, at least {minimum} at a time.",
    "ru": "На кассе {points} — это {money}, минимум {minimum} за раз.",
}
PAYING_ONE: Texts = {
    "en": "{points} pays {money} at the till, at least {minimum} at a time.",
    "ru": PAYING["ru"],
}
PAYING_MONEY: Texts = {
    "en": "What is saved pays at the till, at least {minimum} at a time.",
    "ru": "Накопленным можно платить на кассе, минимум {minimum} за раз.",
}
PAYING_SHARE: Texts = {
    "en": "It pays at most {share} of a receipt.",
    "ru": "Так можно оплатить максимум {share} чека.",
}
EXCLUDED: Texts = {
    "en": "Nothing is earned by amount for {names}.",
    "ru": "По сумме ничего не начисляется за {names}.",
}
EXCLUDED_FROM_PAYING: Texts = {
    "en": "They cannot be paid this way either.",
    "ru": "Так оплатить их тоже нельзя.",
}
ROUNDING: Mapping[Rounding, Texts] = {
    Rounding.CARRY: {
        "en": "A fraction that is left over is kept for the next visit.",
        "ru": "Дробный остаток сохраняется до следующего визита.",
    },
    Rounding.FLOOR: {"en": "Fractions are rounded down.", "ru": "Дробные значения округляются вниз."},
    Rounding.HALF_UP: {
        "en": "Fractions are rounded to the nearest whole.",
        "ru": "Дробные значения округляются до ближайшего целого.",
    },
    Rounding.CEIL: {"en": "Fractions are rounded up.", "ru": "Дробные значения округляются вверх."},
}
PENDING: Texts = {
    "en": "What is earned can be spent {days} after the purchase.",
    "ru": "Начисленное можно потратить через {days} после покупки.",
}
EXPIRY_END: Mapping[str, Texts] = {
    "day": {
        "en": "What is earned expires after {months}.",
        "ru": "Накопленное сгорает через {months}.",
    },
    "month": {
        "en": "What is earned expires after {months}, at the end of that month.",
        "ru": "Накопленное сгорает через {months}, в конце месяца.",
    },
    "quarter": {
        "en": "What is earned expires after {months}, at the end of that quarter.",
        "ru": "Накопленное сгорает через {months}, в конце квартала.",
    },
    "year": {
        "en": "What is earned expires after {months}, at the end of that year.",
        "ru": "Накопленное сгорает через {months}, в конце года.",
    },
}
EXPIRY_NEVER: Texts = {"en": "What is earned never expires.", "ru": "Накопленное не сгорает."}
EXPIRY_DAYS: Texts = {
    "en": "What is earned expires at the end of {days}.",
    "ru": "Накопленное сгорает {days}, в конце дня.",
}
EXPIRY_DAYS_LATER: Texts = {
    "en": "What is earned expires at the end of {days}, but not before {months} have passed.",
    "ru": "Накопленное сгорает {days}, в конце дня, но не раньше чем через {months}.",
}
EXPIRY_IDLE: Texts = {
    "en": "Everything expires {months} after the last purchase or redemption.",
    "ru": "Всё накопленное сгорает через {months} после последней покупки или списания.",
}
EXPIRY_GRACE: Texts = {
    "en": "What a cancelled redemption gives back too late lives for {days} more.",
    "ru": "Если списание отменено после срока, возвращённое живёт ещё {days}.",
}
REFUNDS: Mapping[Refunds, Texts] = {
    Refunds.ALLOW_NEGATIVE: {
        "en": "When a purchase is brought back, what it earned is taken back; what is spent already is made "
        "up for by the next purchases.",
        "ru": "При возврате покупки начисленное за неё списывается; уже потраченное закроют следующие "
        "начисления.",
    },
    Refunds.CLAMP: {
        "en": "When a purchase is brought back, what it earned is taken back, as far as it is not spent.",
        "ru": "При возврате покупки начисленное за неё списывается, кроме уже потраченного.",
    },
    Refunds.REFUSE: {
        "en": "When a purchase is brought back, what it earned is taken back; a reward that it paid for has "
        "to come back first.",
        "ru": "При возврате покупки начисленное за неё списывается; полученную за него награду нужно вернуть "
        "раньше.",
    },
}


def rules(program: Program) -> Texts:
    """The program's rules as the public page and the back of the card tell them, a line for each."""
    return {language: "\n".join(_lines(Voice(program, language))) for language in program.languages}


def rule_line(program: Program, rule: Rule, language: str) -> str:
    """When it holds, what it gives, how often, and in which days."""
    voice = Voice(program, language)
    when, offer = clause(voice, rule), effects.offer(voice, rule)
    told = [sentence(voice.say(WHEN, when=when, offer=offer) if when else offer)]
    if rule.limit:
        told += [sentence(limit) for limit in effects.limits(voice, rule.limit)]
    if rule.alone:
        told.append(voice.say(ALONE))
    return " ".join([*told, *_days(voice, rule.first_day, rule.last_day)])


def reward_line(program: Program, reward: Reward, language: str) -> str:
    voice = Voice(program, language)
    told = [_priced(voice, reward)]
    if reward.tier:
        told.append(voice.say(FROM_TIER, tier=voice.tier(reward.tier)))
    if reward.stock is not None:
        told.append(voice.say(STOCK, stock=voice.number(reward.stock)))
    return " ".join([*told, *_days(voice, reward.first_day, reward.last_day)])


def _lines(voice: Voice) -> Iterator[str]:
    program = voice.program
    yield from _rules(voice)
    yield from (reward_line(program, reward, voice.language) for reward in program.rewards)
    if program.welcome:
        yield _welcome(voice)
    if program.tiers:
        yield from tier_lines(voice, program.tiers)
    if program.paying:
        yield _paying(voice, program.paying)
    if program.excluded:
        yield _excluded(voice)
    if _earns(program):
        yield from _keeping(voice)


def _rules(voice: Voice) -> Iterator[str]:
    """Those that stand alone come last and in the order in which they win."""
    told = [rule for rule in voice.program.rules if not rule.dry_run]
    loners = sorted((rule for rule in told if rule.alone), key=lambda rule: (-rule.priority, rule.id))
    for rule in (*(rule for rule in told if not rule.alone), *loners):
        yield rule_line(voice.program, rule, voice.language)
    if len(loners) > 1:
        yield voice.say(ALONE_ORDER)


def _days(voice: Voice, first: str | None, last: str | None) -> Iterator[str]:
    if not first and not last:
        return
    text = BETWEEN_DAYS if first and last else FROM_DAY if first else TO_DAY
    yield voice.say(text, first=voice.full_day(first or ""), last=voice.full_day(last or ""))


def _priced(voice: Voice, reward: Reward) -> str:
    cost, name = voice.counted(reward.cost), reward.name[voice.language]
    if reward.value is None or reward.kind not in REWARD_KINDS:
        return voice.say(REWARD, cost=cost, name=name)
    percent = reward.kind is RewardKind.PERCENT_OFF
    value = voice.percent(Fraction(reward.value)) if percent else voice.money(reward.value)
    if value.replace("\u00a0", " ") in name.replace("\u00a0", " "):
        return voice.say(REWARD, cost=cost, name=name)
    kind = voice.say(REWARD_KINDS[reward.kind], value=value)
    return voice.say(REWARD_OF, cost=cost, name=name, kind=kind)


def _welcome(voice: Voice) -> str:
    text = WELCOME_ROUND if voice.program.rewards else WELCOME_ONCE
    gift = voice.say(text, welcome=voice.counted(voice.program.welcome))
    return f"{gift} {voice.say(WELCOME_FREED)}"


def _paying(voice: Voice, paying: Paying) -> str:
    points, money = _worth(ratio(paying.worth))
    text = PAYING_MONEY if voice.program.unit.money else PAYING_ONE if points == 1 else PAYING
    minimum = voice.counted(paying.minimum)
    told = [voice.say(text, points=voice.counted(points), money=voice.money(money), minimum=minimum)]
    if ratio(paying.share) < 1:
        told.append(voice.say(PAYING_SHARE, share=voice.percent(100 * ratio(paying.share))))
    return " ".join(told)


def _worth(worth: Fraction) -> tuple[int, int]:
    """So many points for so many minor units: for one whole of the currency where that comes out even."""
    if worth < 100 and (100 / worth).denominator == 1:
        return int(100 / worth), 100
    return worth.denominator, worth.numerator


def _excluded(voice: Voice) -> str:
    names = voice.any_of([voice.quoted(name) for name in voice.program.excluded])
    told = [voice.say(EXCLUDED, names=names)]
    if voice.program.paying:
        told.append(voice.say(EXCLUDED_FROM_PAYING))
    return " ".join(told)


def _earns(program: Program) -> bool:
    """Whether there is anything to keep, to lose, to bring back."""
    gives = (effect for rule in program.rules if not rule.dry_run for effect in rule.then)
    return bool(program.welcome) or not all(isinstance(effect, Discount | Multiply) for effect in gives)


def _keeping(voice: Voice) -> Iterator[str]:
    program = voice.program
    if _has_fractions(program):
        yield voice.say(ROUNDING[program.rounding])
    if program.pending_days:
        yield voice.say(PENDING, days=voice.amount(program.pending_days, DAYS))
    yield " ".join(_expiry(voice, program.expiry))
    yield voice.say(REFUNDS[program.refunds])


def _has_fractions(program: Program) -> bool:
    gives = (effect for rule in program.rules if not rule.dry_run for effect in rule.then)
    levels = program.tiers.levels if program.tiers else ()
    return any(
        isinstance(effect, PerAmount | Bands)
        or (isinstance(effect, Multiply) and effect.by[0] % effect.by[1])
        for effect in gives
    ) or any(level.multiplier[0] % level.multiplier[1] for level in levels)


def _expiry(voice: Voice, expiry: Expiry) -> Iterator[str]:
    yield EXPIRIES[expiry.kind](voice, expiry)
    if expiry.kind is not ExpiryKind.NEVER and expiry.grace_days:
        yield voice.say(EXPIRY_GRACE, days=voice.amount(expiry.grace_days, DAYS))


def _rolling(voice: Voice, expiry: Expiry) -> str:
    return voice.say(EXPIRY_END[expiry.end_of], months=voice.amount(expiry.months, MONTHS))


def _calendar(voice: Voice, expiry: Expiry) -> str:
    days = voice.all_of([day_of_year(day, voice.language) for day in expiry.days])
    text = EXPIRY_DAYS_LATER if expiry.months else EXPIRY_DAYS
    return voice.say(text, days=days, months=voice.amount(expiry.months, MONTHS))


def _idle(voice: Voice, expiry: Expiry) -> str:
    return voice.say(EXPIRY_IDLE, months=voice.amount(expiry.months, MONTHS))


EXPIRIES: Mapping[ExpiryKind, Callable[[Voice, Expiry], str]] = {
    ExpiryKind.NEVER: lambda voice, _: voice.say(EXPIRY_NEVER),
    ExpiryKind.ROLLING: _rolling,
    ExpiryKind.CALENDAR: _calendar,
    ExpiryKind.INACTIVITY: _idle,
}
