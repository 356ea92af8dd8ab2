"""What Google's description of the API says only in words, and what its issue lists add."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from simulators.google_wallet.discovery import parts, properties

ID = re.compile(r"[0-9]+\.[A-Za-z0-9._-]+")
MODULE_ID = re.compile(r"[A-Za-z0-9_-]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
COUNTRY = re.compile(r"[A-Z]{2}")
CURRENCY = re.compile(r"[A-Z]{3}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
STEP = re.compile(r"(\w+)(?:\['[A-Za-z0-9_-]+'\])?")
SUBSTITUTION = re.compile(r"\{(\w*)\}")
LINKS = {"http", "https", "tel", "mailto", "geo"}
BALANCES = ("string", "int", "double", "money")
MOST = {  # G22: what is refused above, and what is never shown above
    "messages": 10,
    "merchantLocations": 10,
    "cardRowTemplateInfos": 3,
    "valueAddedModuleData": 15,
    "textModulesData": 10,
    "imageModulesData": 1,
    "linkedObjectIds": 50,
}
Part = dict[str, Any]
Rule = Callable[[Part], str | None]


def faults_of(schema: str, body: Part, *, allow_http: bool, whole: bool) -> list[str]:
    """For a body whose shape is right already. `whole` is false for a PATCH, which may say only a part."""
    return [
        f"{place}: {fault}".removeprefix(": ")
        for place, kind, part in parts(body, schema)
        for fault in _faults(kind, part, allow_http, whole)
    ]


def _faults(kind: str, part: Part, allow_http: bool, whole: bool) -> Iterator[str]:
    if not part and whole:
        yield "is empty; leave the field out."  # G20
    for name, most in MOST.items():
        if len(part.get(name, ())) > most:
            yield f"{name} has {len(part[name])} entries; there may be {most}."
    rules = [*ALWAYS.get(kind, ()), *(WHOLE.get(kind, ()) if whole else ())]
    yield from (fault for rule in rules for fault in [rule(part)] if fault)
    if not allow_http:
        yield from (fault for rule in SAFE.get(kind, ()) for fault in [rule(part)] if fault)


def _form(name: str, pattern: re.Pattern[str], says: str) -> Rule:
    def rule(part: Part) -> str | None:
        value = part.get(name)
        return None if value is None or pattern.fullmatch(value) else f"{name} {value!r} {says}"

    return rule


def _one_of(*names: str) -> Rule:
    def rule(part: Part) -> str | None:
        return None if sum(name in part for name in names) == 1 else f"exactly one of {', '.join(names)}."

    return rule


def _at_most_one_of(*names: str) -> Rule:
    def rule(part: Part) -> str | None:
        return None if sum(name in part for name in names) <= 1 else f"only one of {', '.join(names)}."

    return rule


def _has(*names: str) -> Rule:
    """Each of `names`, where `a/b` means one of the two, with something in it."""

    def rule(part: Part) -> str | None:
        lacking = [name for name in names if not any(part.get(one) for one in name.split("/"))]
        return f"{', '.join(lacking)} must be set." if lacking else None

    return rule


def _https(name: str) -> Rule:
    def rule(part: Part) -> str | None:
        value = part.get(name)
        return None if value is None or _scheme(value) == "https" else f"{name} {value!r} must use https."

    return rule


def _web(name: str, schemes: set[str]) -> Rule:
    def rule(part: Part) -> str | None:
        value = part.get(name)
        return None if value is None or _scheme(value) in schemes else f"{name} {value!r} has no good scheme."

    return rule


def _scheme(address: str) -> str:
    """Of a whole address; the empty string for anything that is none."""
    try:
        read = urlsplit(address)
    except ValueError:
        return ""
    return read.scheme if (read.hostname or read.scheme not in ("http", "https")) else ""


def _field_path(part: Part) -> str | None:
    """`object.textModulesData['progress']`: each step is a field of what stands before it."""
    start, *steps = part.get("fieldPath", "").split(".")
    schema = {"object": "LoyaltyObject", "class": "LoyaltyClass"}.get(start)
    for step in steps:
        read = STEP.fullmatch(step)
        described = properties(schema).get(read[1]) if read and schema else None
        if not described:
            return f"fieldPath {part['fieldPath']!r} leads nowhere."
        schema = described.get("$ref") or described.get("items", {}).get("$ref")
    return None if steps else f"fieldPath {part.get('fieldPath')!r} must begin with object or class."


def _review(part: Part) -> str | None:
    status = part.get("reviewStatus")
    return f"Invalid review status Optional[{status}]." if status in ("APPROVED", "REJECTED") else None


def _moment(part: Part) -> str | None:
    try:
        datetime.fromisoformat(str(part.get("date")))
    except ValueError:
        return f"date {part.get('date')!r} is no ISO 8601 time."
    return None


def _place(part: Part) -> str | None:
    good = -90 <= part.get("latitude", 99) <= 90 and -180 <= part.get("longitude", 999) <= 180
    return None if good else "latitude or longitude is missing or out of range."


def _ascii(part: Part) -> str | None:
    value = part.get("smartTapRedemptionValue", "")
    return None if value.isascii() else "smartTapRedemptionValue must be ASCII."


def _pattern(part: Part) -> str | None:
    """Each substitution of a rotating barcode is known and has its parameters."""
    given = len(part.get("totpDetails", {}).get("parameters", ()))
    known = {f"totp_value_{number}" for number in range(given)}
    used = set(SUBSTITUTION.findall(part.get("valuePattern", "")))
    unknown = used - known - {"totp_timestamp_millis", "totp_timestamp_seconds"}
    return f"valuePattern uses {', '.join(sorted(unknown))}, which nothing fills." if unknown else None


def _period(part: Part) -> str | None:
    return None if int(part.get("periodMillis", "0")) > 0 else "periodMillis must be above zero."


_NO_SUCH_ID = "is no id: issuer id, a dot, then letters, digits, '.', '_' or '-'."
ALWAYS: dict[str, list[Rule]] = {
    "LoyaltyClass": [
        _form("id", ID, _NO_SUCH_ID),
        _form("hexBackgroundColor", COLOUR, "is no colour: write #rrggbb."),
        _form("countryCode", COUNTRY, "is no country code of two capitals."),
        _review,
    ],
    "LoyaltyObject": [_form("id", ID, _NO_SUCH_ID), _form("classId", ID, _NO_SUCH_ID), _ascii],
    "LoyaltyPointsBalance": [_at_most_one_of(*BALANCES)],
    "Image": [_at_most_one_of("sourceUri", "privateImageId")],
    "ImageUri": [_web("uri", {"http", "https"})],
    "Uri": [_web("uri", LINKS)],
    "ValueAddedModuleData": [_web("uri", LINKS)],
    "CallbackOptions": [_web("url", {"http", "https"})],
    "TextModuleData": [_form("id", MODULE_ID, "may only have letters, digits, '_' and '-': no dot.")],
    "TranslatedString": [
        _form("language", LANGUAGE, "is no BCP 47 language."),
        _has("language", "value"),
    ],
    "Money": [_form("currencyCode", CURRENCY, "is no currency of three capitals.")],
    "FieldReference": [_field_path],
    "DateTime": [_moment],
    "MerchantLocation": [_place],
    "RotatingBarcodeTotpDetailsTotpParameters": [
        _form("key", HEX, "is no Base16."),
        _has("key", "valueLength"),
    ],
    "Message": [_has("header/localizedHeader", "body/localizedBody")],
    "CardRowTemplateInfo": [_one_of("oneItem", "twoItems", "threeItems")],
    "TemplateItem": [_one_of("firstValue", "predefinedItem")],
}
WHOLE: dict[str, list[Rule]] = {  # what a merge may still complete
    "LoyaltyPoints": [_has("balance")],
    "LoyaltyPointsBalance": [_one_of(*BALANCES)],
    "Money": [_has("micros", "currencyCode")],
    "Image": [_one_of("sourceUri", "privateImageId")],
    "ImageUri": [_has("uri")],
    "Uri": [_has("uri")],
    "Barcode": [lambda part: None if "type" in part else "Barcode type must be set.", _has("value")],
    "RotatingBarcode": [_has("type", "valuePattern", "totpDetails"), _pattern],
    "RotatingBarcodeTotpDetails": [_has("algorithm", "parameters", "periodMillis"), _period],
    "LocalizedString": [_has("defaultValue")],
    "ValueAddedModuleData": [_has("header", "uri")],
    "AddMessageRequest": [_has("message")],
}
SAFE: dict[str, list[Rule]] = {"ImageUri": [_https("uri")], "CallbackOptions": [_https("url")]}
