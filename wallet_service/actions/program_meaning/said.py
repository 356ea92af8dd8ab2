"""What the program is called and says: languages, place, money, names and texts in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from unicodedata import category
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_currency_precision, list_currencies

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, Place, path
from wallet_service.domain import wording
from wallet_service.domain.plain import UNSEEN

JOINERS = "\u200c\u200d"
"""Some scripts and pictures are put together with these."""


def faults(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from _languages(body)
    yield from _place_and_money(body)
    yield from _texts(body)
    yield from _names(body)
    yield from _unit(body)


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
