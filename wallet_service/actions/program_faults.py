"""What is wrong with the JSON of a program, in plain sentences: where, what, and the way out.

Here is told what cannot be read at all; `program_meaning` looks at what can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from wallet_service.actions import program_reading as reading

Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Fault:
    """`place` is a path such as rewards[1].cost; `remedy` says what to write instead."""

    place: str
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence} {self.remedy}"


def faults_of_shape(error: ValidationError) -> Iterator[Fault]:
    for found in error.errors(include_url=False):
        place = tuple(step for step in found["loc"] if not _is_tag(step))
        yield _of_shape(found["type"], place, found["loc"], found.get("ctx", {}), found["input"])


def _is_tag(step: int | str) -> bool:
    return isinstance(step, str) and step.startswith("(")


def _of_shape(kind: str, place: Place, loc: Place, ctx: Mapping[str, Any], given: object) -> Fault:
    at, name = path(*place), str(place[-1]) if place else "program"
    if kind == "missing":
        return Fault(at, f"`{name}` is missing.", f"Add it, such as {_example(name)}.")
    if kind == "extra_forbidden":
        return Fault(at, f"There is no field `{name}` here.", nearest(name, _known(loc)))
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(ctx["expected"]))
        return Fault(at, f"{shown(given)} is not known here.", nearest(str(given), known))
    if kind == "string_pattern_mismatch":
        return Fault(at, f"{shown(given)} cannot stand here.", _PATTERNS[str(ctx["pattern"])])
    if kind in _BOUNDS:
        sentence, bound = _BOUNDS[kind]
        limit = ctx.get("ge", ctx.get("le", ctx.get("min_length", ctx.get("max_length"))))
        return Fault(at, sentence.format(given=shown(given)), bound.format(limit=limit))
    return Fault(at, f"{shown(given)} does not fit here.", _wanted(kind, name))


def path(*steps: int | str) -> str:
    """("rewards", 1, "cost") is rewards[1].cost."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or "program"


def shown(given: object) -> str:
    text = repr(given).replace("'", '"')
    return text if len(text) <= 60 else f"{text[:59]}…"


def nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    if close := get_close_matches(name, known, 1):
        return f"Did you mean `{close[0]}`?"
    return f"Known are {', '.join(sorted(known))}." if known else "Leave it out."


def _known(loc: Place) -> list[str]:
    """The fields of the model that the place lies in."""
    model: Any = reading.ProgramBody
    for step in loc[:-1]:
        if isinstance(step, str):
            model = _TAGGED[step] if _is_tag(step) else _model(_fields(model)[step])
    return list(_fields(model))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model(annotation: Any) -> Any:
    """The model inside tuple[X, ...] or X | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model(part))), None)


def _wanted(kind: str, name: str) -> str:
    if name in _EXAMPLES:
        return f"Write something such as {_EXAMPLES[name]}."
    for beginning, remedy in _WANTED.items():
        if kind.startswith(beginning):
            return remedy
    return "Look it up in docs/programs.md."


def _example(name: str) -> str:
    return f'"{name}": {_EXAMPLES[name]}' if name in _EXAMPLES else "docs/programs.md shows it"


_TAGGED: dict[str, type[BaseModel]] = {
    "(per)": reading.PerBody,
    "(bands)": reading.BandsBody,
    "(each)": reading.EachBody,
}
_PATTERNS = {
    reading.SLUG: "Write small letters, digits and hyphens, 64 at most, such as free-coffee.",
    reading.CLOCK: "Write a time of the day, such as 08:00 or 21:30.",
    r"^[A-Z]{3}$": "Write the three capital letters of a currency, such as RUB.",
}
_BOUNDS = {
    "greater_than_equal": ("{given} is too small.", "Write {limit} or more."),
    "less_than_equal": ("{given} is too large.", "Write {limit} or less."),
    "string_too_short": ("The text is empty.", "Write at least one character, or leave the field out."),
    "string_too_long": ("The text is too long.", "Write at most {limit} characters."),
    "too_short": ("There are too few entries.", "Write at least {limit}."),
    "too_long": ("There are too many entries.", "Write at most {limit}."),
}
_WANTED = {
    "int": "Write a whole number without quotation marks.",
    "bool": "Write true or false.",
    "string": "Write a text in quotation marks.",
    "dict": 'Write an object in braces, such as {"en": "..."}.',
    "model": "Write an object in braces.",
    "tuple": "Write a list in square brackets.",
    "list": "Write a list in square brackets.",
}
_EXAMPLES = {
    "name": '{"en": "Free coffee", "ru": "Бесплатный кофе"}',
    "until": '{"en": "to a free coffee", "ru": "до бесплатного кофе"}',
    "waiting": '{"en": "Your free coffee is waiting.", "ru": "Бесплатный кофе ждёт вас."}',
    "organization": '"Brew & Bean"',
    "languages": '["ru", "en"]',
    "currency": '"RUB"',
    "time_zone": '"Europe/Moscow"',
    "template": '"coffee"',
    "unit": '{"counted": "points", "forms": {"en": {"one": "point", "other": "points"}}}',
    "counted": '"points"',
    "forms": '{"en": {"one": "point", "other": "points"}}',
    "id": '"free-coffee"',
    "cost": "10",
    "trigger": '"purchase"',
    "then": '[{"points": 5}]',
    "field": '"total"',
    "op": '">="',
    "value": "30000",
    "per": "10000",
    "give": "1",
    "from": "0",
    "each": '"visit"',
    "percent": "[5, 1] for 5 percent",
    "multiply": "[2, 1] for twice as many",
    "multiplier": "[3, 2] for half as many again",
    "discount": "[5, 1] for 5 percent",
    "worth": "[1, 1]",
    "share": "[1, 2] for a half",
    "counts": '"spend"',
    "levels": '[{"id": "gold", "name": {"en": "Gold", "ru": "Золото"}, "threshold": 1000}]',
    "item": '"club-month"',
    "months": "12",
    "count": "1",
    "valid": '["2026-03-01", null]',
    "hours": '["08:00", "22:00"]',
    "refuse": '["repeat"]',
}
