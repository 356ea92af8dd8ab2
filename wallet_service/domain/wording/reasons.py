"""Why a rule gave nothing, or less than it could: what was missing, and by how much."""

from __future__ import annotations

from collections.abc import Mapping

from wallet_service.domain.program import Texts
from wallet_service.domain.rule import Rule
from wallet_service.domain.wording import conditions, effects
from wallet_service.domain.wording.speech import Voice, sentence
from wallet_service.domain.wording.trace import Telling, Trace, rule_of

NOT_THIS_TIME: Texts = {"en": "{offer}: not this time, {reason}", "ru": "{offer}: не в этот раз, {reason}"}
NO_OFFER: Texts = {"en": "Not this time: {reason}", "ru": "Не в этот раз: {reason}"}
ON_TRIAL: Texts = {"en": "{offer} (on trial)", "ru": "{offer} (проба)"}
HELD_BACK: Texts = {"en": "{offer}: {limit}", "ru": "{offer}: {limit}"}

SHORT: Texts = {"en": "{short} short of {minimum}", "ru": "не хватило {short} до {minimum}"}
OVER: Texts = {"en": "{over} above {most}", "ru": "на {over} больше, чем {most}"}
ONLY: Texts = {"en": "only {when}", "ru": "только {when}"}
ONLY_ITEMS: Texts = {"en": "only {when}, this time {had}", "ru": "только {when}, на этот раз {had}"}
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


def reason(voice: Voice, key: str, trace: Trace) -> str | None:
    """None for a step that is no such reason."""
    if key in WITHHELD:
        return _not_this_time(voice, trace.rule, WITHHELD[key](voice, trace))
    if key in REDUCED:
        return _held_back(voice, trace.rule, REDUCED[key](voice, trace))
    return None


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
    by = rule_of(voice.program, trace.facts.get("by"))
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
