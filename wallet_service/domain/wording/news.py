"""What a card says now: the news of its last movement, its balance, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet_service.domain.goals import Goal
from wallet_service.domain.program import Program, Reward, Texts
from wallet_service.domain.progress import Progress, Stage
from wallet_service.domain.wording.speech import (
    VISITS,
    Count,
    Forms,
    Voice,
    full_day,
    last_day,
    plural,
    short_day,
)

NEWS: Mapping[Stage, Texts] = {
    Stage.EARLY: {
        "en": "{of} already. Good start.",
        "ru": "Уже {of}! Хорошее начало.",
    },
    Stage.LATE: {"en": "Only {road}.", "ru": "Всего {road}."},
    Stage.NEAR: {"en": "Very close now: only {road}.", "ru": "Уже совсем близко: всего {road}."},
    Stage.ONE_STEP: {
        "en": "One more visit and it is yours: {to_go} left.",
        "ru": "Следующая покупка — и подарок ваш: ещё {to_go}.",
    },
    Stage.REACHED: {"en": "{reached} Only {road}.", "ru": "{reached} Ещё {road}."},
    Stage.READY: {"en": "{waiting}", "ru": "{waiting}"},
    Stage.NEW_ROUND: {
        "en": "New round: {of} already counted.",
        "ru": "Новый круг: уже {of}.",
    },
    Stage.BACK: {
        "en": "Taken back at the till. {of} now.",
        "ru": "Отменено на кассе. Теперь {of}.",
    },
    Stage.REFUNDED: {
        "en": "A purchase was brought back{points}. {of} now.",
        "ru": "Возврат покупки{points}. Теперь {of}.",
    },
    Stage.EXPIRED: {
        "en": "The time has run out{points}. {of} now.",
        "ru": "Срок истёк{points}. Теперь {of}.",
    },
    Stage.CARRIED_OVER: {
        "en": "Carried over from before{points}. {of} already.",
        "ru": "Накопленное раньше перенесено{points}. Уже {of}.",
    },
}
JOINED: Mapping[str, Forms] = {
    "en": {
        "one": "Your card is ready. {of} is already yours, a welcome gift.",
        "other": "Your card is ready. {of} are already yours, a welcome gift.",
    },
    "ru": {
        "one": "Карта готова. {of} уже у вас — подарок за знакомство.",
        "other": "Карта готова. {of} уже ваши — подарок за знакомство.",
    },
}
JOINED_EMPTY: Texts = {"en": "Your card is ready.", "ru": "Карта готова."}
MORE_WAITING: Texts = {
    "en": "{waiting} {over} more already counted.",
    "ru": "{waiting} И ещё {over} в запасе.",
}
SAVED: Texts = {
    "en": "{waiting} Saved so far: {held}.",
    "ru": "{waiting} Накоплено: {held}.",
}
A_TIER_READY: Texts = {
    "en": "{waiting} Counted so far: {held}.",
    "ru": "{waiting} Засчитано: {held}.",
}
A_TIER_ONE_STEP: Texts = {
    "en": "One more visit may be enough: only {road}.",
    "ru": "Возможно, хватит одной покупки: всего {road}.",
}
OUT_OF: Texts = {"en": "{value} of {goal}", "ru": "{value} из {goal}"}
TO_GO: Texts = {"en": "{of}, {to_go} to go", "ru": "{of}, осталось {to_go}"}
REWARD_READY: Texts = {"en": "{of}, reward ready", "ru": "{of}, награда готова"}
TIER_READY: Texts = {"en": "{value}, tier reached", "ru": "{value}, уровень достигнут"}
PAYING_READY: Texts = {"en": "{held}, ready to pay with", "ru": "{held}, можно платить"}
A_REWARD: Texts = {"en": "A reward is waiting.", "ru": "Награда ждёт вас."}

EXPIRING: Mapping[str, Forms] = {
    "en": {"one": "{points} expires on {day}.", "other": "{points} expire on {day}."},
    "ru": {"one": "{points} сгорит {day}.", "other": "{points} сгорят {day}."},
}
EXPIRING_MONEY: Texts = {"en": "{points} expires on {day}.", "ru": "Сгорит {day}: {points}."}

ON_THE_ROAD = (Stage.EARLY, Stage.LATE, Stage.NEAR, Stage.ONE_STEP, Stage.REACHED)
"""These say how far it is: nothing to say where there is no goal, or nothing left to it."""

NEAR = timedelta(days=180)
PURPOSE = "чтобы"
"""What begins with this word needs a comma before it."""


def news(
    program: Program,
    stage: Stage,
    shown: Progress,
    goal: Goal,
    *,
    points: int | None = None,
    reached: Reward | None = None,
) -> Texts:
    """The one sentence that tells the last movement (loyalty texts by state). `points` are the signed ones of
    that movement; `reached` is the smaller reward that it reached.
    """
    return {
        language: _News(Voice(program, language), shown, goal).of(stage, points, reached)
        for language in program.languages
    }


def balance(program: Program, shown: Progress) -> Texts:
    """ "7 of 12"; of money, and where there is no goal, what is held."""
    return {language: _balance(Voice(program, language), shown) for language in program.languages}


def progress_text(program: Program, shown: Progress, goal: Goal | None = None) -> Texts:
    """The bar in words, for whoever cannot see it."""
    return {language: _progress(Voice(program, language), shown, goal) for language in program.languages}


def to_go(program: Program, shown: Progress) -> Texts:
    """What is missing to the goal, as a number or as money."""
    return {language: _bare(Voice(program, language), shown, shown.to_go) for language in program.languages}


def expiring(program: Program, points: int, at: datetime, now: datetime) -> Texts:
    """So many points burn at that moment, the end of a local day. A day that is far away is told with its
    year, so that nobody takes it for this one's.
    """
    day = last_day(program, at)
    near = at - now < NEAR
    return {
        language: _expiring(
            Voice(program, language),
            points,
            short_day(day, language) if near else full_day(day.isoformat(), language),
        )
        for language in program.languages
    }


def measured(voice: Voice, count: Count, goal: Goal | None) -> str:
    """A number of what the goal counts: the unit, money, or visits."""
    if goal is None or goal.measure != "status":
        return voice.counted(count)
    return status_counted(voice, count)


def status_counted(voice: Voice, count: Count) -> str:
    counts = voice.program.tiers.counts if voice.program.tiers else "points"
    if counts == "spend":
        return voice.money(count)
    return voice.amount(count, VISITS) if counts == "visits" else voice.counted(count)


def road(voice: Voice, count: Count, goal: Goal) -> str:
    """ "3 stamps to a free coffee"."""
    until = goal.until[voice.language]
    return f"{measured(voice, count, goal)}{',' if until.startswith(PURPOSE) else ''} {until}"


@dataclass(frozen=True)
class _News:
    voice: Voice
    shown: Progress
    goal: Goal

    def of(self, stage: Stage, points: int | None, reached: Reward | None) -> str:
        voice, shown = self.voice, self.shown
        return self._sentence(stage).format(
            of=_balance(voice, shown),
            held=measured(voice, shown.value, self.goal),
            to_go=measured(voice, shown.to_go, self.goal),
            over=measured(voice, max(shown.value - shown.goal, 0), self.goal),
            road=road(voice, shown.to_go, self.goal),
            points=f": {voice.counted(abs(points))}" if points else "",
            reached=(reached.waiting if reached else A_REWARD)[voice.language],
            waiting=self.goal.waiting[voice.language],
        )

    def _sentence(self, stage: Stage) -> str:
        if stage is Stage.JOINED:
            return self._joined()
        if stage in ON_THE_ROAD and self.shown.ready:
            stage = Stage.READY
        if stage is Stage.ONE_STEP and self.goal.measure == "status":
            return A_TIER_ONE_STEP[self.voice.language]
        return (self._ready() if stage is Stage.READY else NEWS[stage])[self.voice.language]

    def _joined(self) -> str:
        language, value = self.voice.language, self.shown.value
        if not value:
            return JOINED_EMPTY[language]
        return plural(JOINED[language], language, 1 if self.shown.money else value)

    def _ready(self) -> Texts:
        """What is there beyond the goal is said too, so that each movement changes the sentence."""
        if self.goal.measure == "status":
            return A_TIER_READY
        if self.voice.program.reward(self.goal.id) is None:
            return SAVED if self.shown.value else NEWS[Stage.READY]
        return MORE_WAITING if self.shown.value > self.shown.goal else NEWS[Stage.READY]


def _balance(voice: Voice, shown: Progress) -> str:
    """Two amounts would not fit into the corner of a card."""
    return _bare(voice, shown, shown.value) if shown.money else _out_of(voice, shown)


def _out_of(voice: Voice, shown: Progress) -> str:
    if not shown.goal:
        return voice.counted(shown.value)
    return voice.say(OUT_OF, value=_bare(voice, shown, shown.value), goal=_bare(voice, shown, shown.goal))


def _progress(voice: Voice, shown: Progress, goal: Goal | None) -> str:
    of = _out_of(voice, shown)
    if not shown.goal:
        return of
    held, to_go = voice.counted(shown.value), _bare(voice, shown, shown.to_go)
    value = _bare(voice, shown, shown.value)
    return voice.say(_bar_sentence(voice, shown, goal), of=of, value=value, held=held, to_go=to_go)


def _bar_sentence(voice: Voice, shown: Progress, goal: Goal | None) -> Texts:
    if not shown.ready:
        return TO_GO
    if goal and goal.measure == "status":
        return TIER_READY
    return REWARD_READY if voice.program.rewards else PAYING_READY


def _bare(voice: Voice, shown: Progress, count: int) -> str:
    """A number beside another needs no noun, but money is never without its sign."""
    return voice.money(count) if shown.money else voice.number(count)


def _expiring(voice: Voice, points: int, day: str) -> str:
    if voice.program.unit.money:
        return voice.say(EXPIRING_MONEY, points=voice.counted(points), day=day)
    text = plural(EXPIRING[voice.language], voice.language, points)
    return text.format(points=voice.counted(points), day=day)
