"""The fixed words of a card in Google Wallet, and any text as Google takes it in several languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from wallet_service.domain.program import Texts

# Google shows nine characters of a label beside a figure.
STAMPS: Texts = {"en": "Stamps", "ru": "Штампы"}
POINTS: Texts = {"en": "Points", "ru": "Баллы"}
SAVED: Texts = {"en": "Saved", "ru": "Накоплено"}
TO_GO: Texts = {"en": "To go", "ru": "Осталось"}

NUMBER: Texts = {"en": "Card number", "ru": "Номер карты"}
NEWS: Texts = {"en": "Latest", "ru": "Что нового"}
TIER: Texts = {"en": "Level", "ru": "Уровень"}
READY: Texts = {"en": "Ready for you", "ru": "Можно получить"}
EXPIRING: Texts = {"en": "Expires next", "ru": "Скоро сгорит"}
RULES: Texts = {"en": "How it works", "ru": "Как это работает"}
PAGE: Texts = {"en": "Your card online", "ru": "Ваша карта онлайн"}

Part = dict[str, Any]


def twins(name: str, texts: Texts, languages: Sequence[str]) -> Part:
    """`header` and `localizedHeader`, or whatever the field is called: Google keeps the two apart."""
    twin = f"localized{name[0].upper()}{name[1:]}"
    return {name: texts[languages[0]], twin: localized(texts, languages)}


def localized(texts: Texts, languages: Sequence[str]) -> Part:
    """The default language first. The list of the others is always there, be it empty: a PATCH replaces
    lists, so that a language which a program gave up goes away (G14).
    """
    default, *others = ({"language": tag(language), "value": texts[language]} for language in languages)
    return {"defaultValue": default, "translatedValues": others}


def tag(language: str) -> str:
    """G19: never empty, and with a hyphen where others write an underscore."""
    if not language:
        raise ValueError("A text has no language.")
    return language.replace("_", "-")


def the_same(text: str, languages: Sequence[str]) -> Texts:
    """A name that is not translated."""
    return dict.fromkeys(languages, text)


def day(moment: datetime, time_zone: str, languages: Sequence[str]) -> Texts:
    """The date of the shop, where the member was."""
    return _day(moment.astimezone(ZoneInfo(time_zone)).date().isoformat(), tuple(languages))


@lru_cache(maxsize=4096)
def _day(date: str, languages: tuple[str, ...]) -> Mapping[str, str]:
    written = datetime.fromisoformat(date).date()
    return {language: format_date(written, "medium", locale=language) for language in languages}
