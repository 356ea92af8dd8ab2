"""Tiers in words: how each is reached, what it gives, how it is lost, and where a card stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction

from wallet_service.domain.goals import Goal
from wallet_service.domain.program import Level, Program, Texts, Tiers
from wallet_service.domain.tiers import falls
from wallet_service.domain.wording import effects
from wallet_service.domain.wording.news import road, status_counted
from wallet_service.domain.wording.speech import DAYS, MONTHS, Voice, last_day, ratio, sentence

LEVEL: Texts = {"en": "Tier {name}: {how}", "ru": "Уровень {name}: {how}"}
EVERYBODY: Texts = {"en": "for everybody", "ru": "для всех"}
THRESHOLD: Mapping[str, Texts] = {
    "lifetime": {"en": "{status} in all", "ru": "{status} за всё время"},
    "calendar": {"en": "{status} in a calendar year", "ru": "{status} за календарный год"},
    "rolling": {"en": "{status} within {months}", "ru": "{status} за {months}"},
}
JUMP: Texts = {"en": "one receipt of {jump} or more", "ru": "один чек от {jump}"}
BOUGHT: Texts = {"en": "{months} with each {item}", "ru": "{months} с каждым товаром {item}"}
KEPT: Mapping[str, Texts] = {
    "for good": {"en": "A tier that is reached stays.", "ru": "Достигнутый уровень остаётся навсегда."},
    "calendar": {
        "en": "A tier that is reached is kept to the end of the next year.",
        "ru": "Достигнутый уровень действует до конца следующего года.",
    },
    "rolling": {
        "en": "A tier that is reached is kept for {months}, to the end of that month.",
        "ru": "Достигнутый уровень действует {months}, до конца месяца.",
    },
}
NOT_KEPT: Mapping[str, Texts] = {
    "one_step": {
        "en": "Whoever has not earned it again by then goes down one tier.",
        "ru": "Если к этому сроку не набрать его снова, уровень станет на ступень ниже.",
    },
    "full": {
        "en": "Whoever has not earned it again by then goes down to what was earned.",
        "ru": "Если к этому сроку не набрать его снова, уровень станет таким, какой набран.",
    },
}
GRACE: Texts = {"en": "There are {days} more to catch up.", "ru": "Наверстать можно ещё {days} после срока."}

STANDS: Texts = {"en": "{name}.", "ru": "{name}."}
STANDS_UNTIL: Texts = {"en": "{name} until {day}.", "ru": "{name} до {day}."}
NO_TIER: Texts = {"en": "No tier yet.", "ru": "Пока без уровня."}
STILL: Texts = {"en": "{road}.", "ru": "Ещё {road}."}
AT_RISK: Texts = {
    "en": "{missing} by {day} keeps you {name}.",
    "ru": "Чтобы сохранить уровень {quoted}: {missing} до {day}.",
}


def tier_lines(voice: Voice, tiers: Tiers) -> Iterator[str]:
    """A line for each level, and one for all on how it is kept."""
    yield from (level_line(voice, tiers, level) for level in tiers.levels)
    if any(level.threshold or level.jump for level in tiers.levels):
        yield " ".join(_keeping(voice, tiers))


def level_line(voice: Voice, tiers: Tiers, level: Level) -> str:
    reached = voice.any_of(list(_ways(voice, tiers, level)))
    told = [sentence(voice.say(LEVEL, name=voice.quoted(level.name[voice.language]), how=reached))]
    if gives := list(_gives(voice, level)):
        told.append(sentence(voice.all_of(gives)))
    if benefits := level.benefits.get(voice.language):
        told.append(sentence(benefits))
    return " ".join(told)


def tier_text(
    program: Program, level: Level | None, status: int, next: Goal | None, until: datetime | None
) -> Texts:
    """Where a card stands (D12): "Silver until 31 December 2027. 1,200 points to Gold."."""
    day = last_day(program, until) if until else None
    return {
        language: " ".join(_standing(Voice(program, language), level, status, next, day))
        for language in program.languages
    }


def tier_at_risk(program: Program, level: Level, missing: int, until: datetime) -> Texts:
    """So much is missing to keep the tier beyond that moment."""
    day = last_day(program, until).isoformat()
    voices = [Voice(program, language) for language in program.languages]
    return {
        voice.language: voice.say(
            AT_RISK,
            missing=status_counted(voice, missing),
            day=voice.full_day(day),
            name=_name(voice, level),
            quoted=voice.quoted(_name(voice, level)),
        )
        for voice in voices
    }


def _ways(voice: Voice, tiers: Tiers, level: Level) -> Iterator[str]:
    if level.threshold == 0:
        yield voice.say(EVERYBODY)
    elif level.threshold:
        status, months = status_counted(voice, level.threshold), voice.amount(tiers.months, MONTHS)
        yield voice.say(THRESHOLD[tiers.window], status=status, months=months)
    if level.jump:
        yield voice.say(JUMP, jump=voice.money(level.jump))
    if level.paid_item:
        months, item = voice.amount(level.paid_months, MONTHS), voice.quoted(level.paid_item)
        yield voice.say(BOUGHT, months=months, item=item)


def _gives(voice: Voice, level: Level) -> Iterator[str]:
    if level.multiplier != (1, 1):
        yield effects.times(voice, ratio(level.multiplier))
    if Fraction(*level.discount):
        yield effects.discount(voice, level.discount, None)


def _keeping(voice: Voice, tiers: Tiers) -> Iterator[str]:
    if not falls(tiers):
        yield voice.say(KEPT["for good"])
        return
    yield voice.say(KEPT[tiers.window], months=voice.amount(tiers.months, MONTHS))
    yield voice.say(NOT_KEPT[tiers.downgrade])
    if tiers.grace_days:
        yield voice.say(GRACE, days=voice.amount(tiers.grace_days, DAYS))


def _standing(
    voice: Voice, level: Level | None, status: int, ahead: Goal | None, day: date | None
) -> Iterator[str]:
    if level is None:
        yield voice.say(NO_TIER)
    elif day is None:
        yield voice.say(STANDS, name=_name(voice, level))
    else:
        yield voice.say(STANDS_UNTIL, name=_name(voice, level), day=voice.full_day(day.isoformat()))
    if ahead and (missing := ahead.cost - max(status, 0)) > 0:
        yield voice.say(STILL, road=road(voice, missing, ahead))


def _name(voice: Voice, level: Level) -> str:
    return level.name[voice.language]
