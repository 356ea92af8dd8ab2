"""A template's `pass.json`: read strictly, and made ready to become a card of ours."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from wallet_service.apple.template.barcodes import CARD_BARCODE, CLASSIC, LATIN, fits
from wallet_service.apple.template.placeholders import MARK, NUMBERS, UnknownPlaceholder, names_in, parse
from wallet_service.apple.template.template_fault import Fault
from wallet_service.art.colour import colour

FILE = "pass.json"
STYLES = ("storeCard", "coupon", "generic", "eventTicket", "boardingPass", "posterGeneric")
STRIP_STYLES = ("storeCard", "coupon")
"""Where our bar is the strip; on the other styles the progress is a text only (I4)."""
SECTIONS = (
    "headerFields",
    "primaryFields",
    "secondaryFields",
    "auxiliaryFields",
    "backFields",
    "footerFields",
)
BESIDE_THE_CODE = 4  # P14

COLOURS = ("backgroundColor", "foregroundColor", "labelColor")

# P3 to P6, P20: what tells one card from another is never the template's. P7: stripColor is not documented.
OURS = (
    "formatVersion",
    *("passTypeIdentifier", "teamIdentifier", "serialNumber", "authenticationToken", "webServiceURL"),
    *COLOURS,
    *("voided", "expirationDate", "barcode", "stripColor"),
)
LONGEST_SAMPLE = "1" * 19
TOO_LARGE = 10**15

Body = dict[str, Any]


class BadBody(Exception):
    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.fault = Fault(FILE, key, problem, remedy)


def read_body(data: bytes) -> Body:
    """BadBody when it is no JSON object, or holds what cannot be written again as JSON."""
    try:
        body = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_no_number,
            parse_float=_finite,
        )
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadBody("", f"It is no JSON ({str(error)[:120]}).", "Correct it at that place.") from None
    if not isinstance(body, dict):
        raise BadBody("", "It is no JSON object.", "Let it begin with { and end with }.")
    return body


def _unique(pairs: list[tuple[str, Any]]) -> Body:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadBody(twice, "The key stands twice in one object.", "Keep one of them.")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large")
    return number


def styles_of(body: Body) -> tuple[str, ...]:
    """P2: exactly one, or posterGeneric with generic behind it for older phones."""
    found = tuple(style for style in STYLES if style in body)
    if len(found) != 1 and set(found) != {"posterGeneric", "generic"}:
        names = ", ".join(found) or "none"
        raise BadBody("", f"It must have exactly one style; it has {names}.", "Keep one, such as storeCard.")
    for style in found:
        _require_fields(style, body[style])
    return found


def _require_fields(style: str, content: object) -> None:
    if not isinstance(content, dict):
        raise BadBody(style, "It must be an object with lists of fields.", 'Write "storeCard": {...}.')
    for section in SECTIONS:
        fields = content.get(section, [])
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            raise BadBody(f"{style}.{section}", "It must be a list of fields.", "Write [{...}, {...}].")


def strings_in(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string with the path to it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from strings_in(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from strings_in(inner, f"{key}[{place}]")


def unknown_placeholders(body: Body) -> Iterator[tuple[str, str]]:
    for key, text in strings_in(body):
        try:
            parse(text)
        except UnknownPlaceholder as unknown:
            yield key, unknown.name


def adopted(body: Body) -> Body:
    """The same pass as a card of ours, whoever made it: code, fields and texts that it lacks are added."""
    styles = styles_of(body)
    ours = {name: value for name, value in body.items() if name not in OURS}  # P27: the rest passes through
    ours |= _colours(body)
    ours["barcodes"] = _barcodes(body)
    for name, text in (("organizationName", "{{organization}}"), ("description", "{{program_name}}")):
        ours[name] = ours.get(name) or text  # P1
    for style in styles:
        ours[style] = _with_fields(
            style, body[style], untouched=not has_placeholder(_fields_only(body, styles))
        )
    if styles[0] in STRIP_STYLES:
        ours.setdefault("suppressStripShine", True)  # P26
    return ours


def _colours(body: Body) -> Body:
    """P7: written as every phone reads them; what is no colour is left to the phone's own."""
    return {name: _rgb(body[name]) for name in COLOURS if name in body and _rgb(body[name])}


def _rgb(text: object) -> str:
    try:
        red, green, blue = colour(str(text))
    except ValueError:
        return ""
    return f"rgb({red}, {green}, {blue})"


def _barcodes(body: Body) -> list[Body]:
    """P15: somebody else's sample number becomes the card's, in the same form where it fits."""
    given = body.get("barcodes") or [body.get("barcode")]
    codes = [code for code in given if _is_barcode(code)] if isinstance(given, list) else []
    if not has_placeholder([code["message"] for code in codes]):
        fitting = (code["format"] for code in codes if fits(code["format"], LONGEST_SAMPLE))
        codes = [{**CARD_BARCODE, "format": code} for code in fitting]
    if not any(code["format"] in CLASSIC for code in codes):  # P16
        codes.append(dict(CARD_BARCODE))
    return [{"messageEncoding": LATIN, **code} for code in codes]


def _is_barcode(code: object) -> bool:
    return (
        isinstance(code, dict)
        and isinstance(code.get("message"), str)
        and isinstance(code.get("format"), str)
    )


def has_placeholder(value: object) -> bool:
    return any(MARK.search(text) for _, text in strings_in(value))


def _fields_only(body: Body, styles: tuple[str, ...]) -> list[Body]:
    return [body[style] for style in styles]


def _with_fields(style: str, content: Body, *, untouched: bool) -> Body:
    """At least one field says how far the card is (I4), and one tells the news (P13)."""
    fields = {name: list(value) if name in SECTIONS else value for name, value in content.items()}
    if style in STRIP_STYLES:
        _clear_the_strip(fields)
    if untouched:
        _front(style, fields).append({"key": _free(fields, "progress"), "value": "{{progress_text}}"})
    if not any(tells_news(field) for _, field in fields_in(fields)):
        news = {"key": _free(fields, "news"), "value": "{{news}}", "changeMessage": "%@"}
        fields.setdefault("backFields", []).insert(0, news)
    return fields


def _clear_the_strip(fields: Body) -> None:
    """I5: a primary field would be drawn over our bar."""
    for field in fields.pop("primaryFields", []):
        _front("storeCard", fields).append(field)
    fields["primaryFields"] = []


def _front(style: str, fields: Body) -> list[Body]:
    """P14: where the front has room, else the back."""
    beside = len(fields.get("secondaryFields", [])) + len(fields.get("auxiliaryFields", []))
    section = "backFields" if beside >= BESIDE_THE_CODE or style == "posterGeneric" else "auxiliaryFields"
    found: list[Body] = fields.setdefault(section, [])
    return found


def _free(fields: Body, key: str) -> str:
    """P10: unique over the whole pass."""
    taken = [field.get("key") for _, field in fields_in(fields)]  # whatever somebody else wrote there
    return next(name for name in (key, *(f"{key}-{n}" for n in range(2, 999))) if name not in taken)


def fields_in(style: Body) -> Iterator[tuple[str, Body]]:
    """Section and field, in reading order."""
    for section in SECTIONS:
        for field in style.get(section, []):
            yield section, field


def tells_news(field: Body) -> bool:
    value = field.get("value")
    return "changeMessage" in field and isinstance(value, str) and "news" in names_in(parse(value))


def is_number(value: object) -> bool:
    """P8: JSON's true is no number, though Python's is; nor is what no card could show. A lone numeric
    placeholder becomes one.
    """
    if isinstance(value, str):
        return any(value == f"{{{{{name}}}}}" for name in NUMBERS)
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < TOO_LARGE
