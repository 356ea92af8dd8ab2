"""The fields of a pass: their keys, their values, where they stand, and which of them tells the news."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wallet_service.apple.template.barcodes import CARD_BARCODE, SQUARE
from wallet_service.apple.template.pass_body import (
    BESIDE_THE_CODE,
    FILE,
    STRIP_STYLES,
    Body,
    fields_in,
    has_placeholder,
    is_number,
    tells_news,
)
from wallet_service.apple.template.pass_dates import is_w3c
from wallet_service.apple.template.placeholders import HISTORY_DATE, UnknownPlaceholder
from wallet_service.apple.template.template_fault import Fault, warning

MOST_HEADERS = 3
DATE_KEYS = ("dateStyle", "timeStyle", "ignoresTimeZone", "isRelative")
ONE_OF = {
    "dateStyle": {f"PKDateStyle{name}" for name in ("None", "Short", "Medium", "Long", "Full")},
    "timeStyle": {f"PKDateStyle{name}" for name in ("None", "Short", "Medium", "Long", "Full")},
    "numberStyle": {f"PKNumberStyle{name}" for name in ("Decimal", "Percent", "Scientific", "SpellOut")},
    "textAlignment": {f"PKTextAlignment{name}" for name in ("Left", "Center", "Right", "Natural")},
}
DETECTORS = {f"PKDataDetectorType{name}" for name in ("PhoneNumber", "Link", "Address", "CalendarEvent")}
LINK = re.compile(r"""<a\s+href\s*=\s*(?:"[^"<>]*"|'[^'<>]*')\s*>|</a>""", re.IGNORECASE)
TAG = re.compile(r"</?[A-Za-z]")
OTHER_MARKUP = ("It has other markup than links.", "Only <a href='...'>...</a> is shown.")
HISTORY_DATE_ALONE = re.compile(r"\{\{ *" + HISTORY_DATE + r" *\}\}")
MARK = "%@"


class Placed(NamedTuple):
    style: str
    section: str
    place: int
    field: Body

    def fault(self, name: str, problem: str, remedy: str) -> Fault:
        return Fault(FILE, self.path(name), problem, remedy)

    def path(self, name: str = "") -> str:
        key = self.field.get("key")
        at = f"{self.style}.{self.section}[{key if isinstance(key, str) else self.place}]"
        return f"{at}.{name}" if name else at


def check(body: Body, styles: tuple[str, ...]) -> Iterator[Fault]:
    for style in styles:
        placed = list(_placed(style, body[style]))
        yield from _keys(placed)
        for one in placed:
            yield from _value(one)
            yield from _formats(one)
            yield from _position(one)
            yield from _change_message(one)
        yield from _layout(body, style)
        yield from _news(style, placed)


def _placed(style: str, content: Body) -> Iterator[Placed]:
    counted: dict[str, int] = {}
    for section, field in fields_in(content):
        place = counted[section] = counted.get(section, -1) + 1
        yield Placed(style, section, place, field)


def _keys(placed: list[Placed]) -> Iterator[Fault]:
    """P10: over the whole pass, not only within a section."""
    seen: set[str] = set()
    for one in placed:
        key = one.field.get("key")
        if not isinstance(key, str) or not key:
            yield one.fault("key", "The field has no key.", "Give it a short name of its own.")
        elif key in seen:
            yield one.fault("key", f"The key {key!r} is used twice in this pass.", "Rename one of the two.")
        else:
            seen.add(key)


def _value(one: Placed) -> Iterator[Fault]:
    """P11."""
    value = one.field.get("value")
    if not isinstance(value, str) and not is_number(value):
        yield one.fault("value", "It must be a text, a number or a date.", "Give the field a value.")
    for name in ("label", "changeMessage"):
        if name in one.field and not isinstance(one.field[name], str):
            yield one.fault(name, "It must be a text.", 'Write it in quotes: "...".')
    for name in ("ignoresTimeZone", "isRelative"):
        if name in one.field and not isinstance(one.field[name], bool):
            yield one.fault(name, "It must be true or false.", "Write it without quotes.")  # P8


def _formats(one: Placed) -> Iterator[Fault]:
    """P11, P9: a format that does not go with the value makes the phone drop the field."""
    field, value = one.field, one.field.get("value")
    for name, allowed in ONE_OF.items():
        if name in field and str(field[name]) not in allowed:
            yield one.fault(
                name, f"{field[name]!r} is unknown.", f"Use one of: {', '.join(sorted(allowed))}."
            )
    dated = [name for name in DATE_KEYS if name in field]
    if dated and not _is_date(value):
        yield one.fault(
            dated[0], "The value is no date that phones read.", "Write 2026-11-21T18:30:00+03:00."
        )
    if "currencyCode" in field and "numberStyle" in field:
        yield one.fault("currencyCode", "It cannot stand beside numberStyle.", "Keep one of them.")
    for name in ("currencyCode", "numberStyle"):
        if name in field and not is_number(value):
            yield one.fault(name, "The value is no number.", "Use a number or a lone {{value}}.")


def _is_date(value: object) -> bool:
    return is_w3c(value) or (isinstance(value, str) and HISTORY_DATE_ALONE.fullmatch(value) is not None)


def _position(one: Placed) -> Iterator[Fault]:
    """P12."""
    if "textAlignment" in one.field and one.section in ("primaryFields", "backFields"):
        yield one.fault("textAlignment", f"It has no place in {one.section}.", "Take it out.")
    if "dataDetectorTypes" in one.field:
        detectors = one.field["dataDetectorTypes"]
        if one.section != "backFields":
            yield one.fault("dataDetectorTypes", "Only the back makes links.", "Take it out.")
        elif not isinstance(detectors, list) or not DETECTORS.issuperset(map(str, detectors)):
            remedy = f"Use [] or some of: {', '.join(sorted(DETECTORS))}."
            yield one.fault("dataDetectorTypes", "It must be a list of known types.", remedy)
    marked_up = one.field.get("attributedValue")
    if isinstance(marked_up, str) and has_other_markup(marked_up):
        yield one.fault("attributedValue", *OTHER_MARKUP)


def has_other_markup(text: str) -> bool:
    """Than phones show: P12."""
    return TAG.search(LINK.sub("", text)) is not None


def _change_message(one: Placed) -> Iterator[Fault]:
    """P13."""
    message = one.field.get("changeMessage")
    if not isinstance(message, str):
        return
    if message.count(MARK) != 1:
        problem = f"It has %@ {message.count(MARK)} times; exactly once, it stands for the new value."
        yield one.fault("changeMessage", problem, 'Write "%@", or a sentence around it.')
    elif "%" in message.replace(MARK, ""):
        remedy = 'Write "per cent", or leave it to the value.'
        yield warning(FILE, one.path("changeMessage"), "A second % may confuse the phone.", remedy)


def _layout(body: Body, style: str) -> Iterator[Fault]:
    """P14, I5."""
    content = body[style]
    counts = {section: len(content.get(section, [])) for section in ("headerFields", "primaryFields")}
    if counts["headerFields"] > MOST_HEADERS:
        problem = f"{counts['headerFields']} fields do not fit into the header."
        yield Fault(FILE, f"{style}.headerFields", problem, f"Keep at most {MOST_HEADERS}.")
    beside = len(content.get("secondaryFields", [])) + len(content.get("auxiliaryFields", []))
    if style in STRIP_STYLES and beside > BESIDE_THE_CODE and _has_square_code(body):
        problem = f"{beside} secondary and auxiliary fields do not fit beside a square code."
        yield Fault(FILE, style, problem, f"Keep at most {BESIDE_THE_CODE}; move the rest to the back.")
    if style in STRIP_STYLES and counts["primaryFields"]:
        problem = "A primary field would be drawn over the bar; it is moved to the fields below."
        yield warning(FILE, f"{style}.primaryFields", problem, "Move it yourself, or leave it out.")


def _has_square_code(body: Body) -> bool:
    codes = body.get("barcodes") or [body.get("barcode") or CARD_BARCODE]
    return isinstance(codes, list) and any(
        isinstance(code, dict) and code.get("format") in SQUARE for code in codes
    )


def _news(style: str, placed: list[Placed]) -> Iterator[Fault]:
    """P13: one change of the card, one notice."""
    telling = [one for one in placed if _tells(one)]
    if not telling:
        problem = "No field shows {{news}} with a changeMessage; one is added to the back."
        remedy = 'Add {"key": "news", "label": "...", "value": "{{news}}", "changeMessage": "%@"}.'
        yield warning(FILE, style, problem, remedy)
    others = [one for one in placed if _moves(one) and one not in telling[:1]]
    for one in others if telling else others[1:]:
        problem = (
            "A second field with a changeMessage makes the phone send two notices, or none that says much."
        )
        yield one.fault("changeMessage", problem, "Keep the one of the field that shows {{news}}.")


def _tells(one: Placed) -> bool:
    try:
        return tells_news(one.field)
    except UnknownPlaceholder:  # told with its key already
        return False


def _moves(one: Placed) -> bool:
    return "changeMessage" in one.field and has_placeholder(one.field.get("value"))
