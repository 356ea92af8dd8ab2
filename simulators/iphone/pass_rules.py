"""What a phone demands of pass.json as a whole."""

import re
from collections.abc import Mapping
from typing import Any

from simulators.iphone.field_rules import check_fields
from simulators.iphone.refusal import Refused
from simulators.iphone.value_rules import is_date, is_number

Pass = Mapping[str, Any]

STYLES = ("storeCard", "generic", "coupon", "eventTicket", "boardingPass", "posterGeneric")
NAMES = ("passTypeIdentifier", "serialNumber", "teamIdentifier", "organizationName", "description")
TEXTS = ("logoText", "groupingIdentifier", "appLaunchURL", "authenticationToken", "webServiceURL")
SWITCHES = ("voided", "sharingProhibited", "suppressStripShine", "useThumbnail")
COLORS = ("backgroundColor", "foregroundColor", "labelColor")
RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")
SQUARE = ("PKBarcodeFormatQR", "PKBarcodeFormatAztec")
CLASSIC = (*SQUARE, "PKBarcodeFormatPDF417", "PKBarcodeFormatCode128")
NEW = ("PKBarcodeFormatEAN13", "PKBarcodeFormatCode39", "PKBarcodeFormatCodabar", "PKBarcodeFormatI2of5")


def check_pass(content: Pass, *, allow_http: bool) -> str:
    """Refuses pass.json with the first reason found; answers the style it has."""
    _check_identity(content)
    style = style_of(content)
    _check_web_service(content, allow_http)
    _check_kinds(content)
    _check_colors(content)
    _check_dates(content)
    _check_barcodes(content)
    _check_places(content)
    shown = barcode_shown(content)
    square = shown is not None and shown["format"] in SQUARE
    for found in (key for key in STYLES if key in content):
        check_fields(content[found], found, square_code=square)
    return style


def _check_identity(content: Pass) -> None:
    if content.get("formatVersion") != 1 or not is_number(content["formatVersion"]):
        raise Refused("P1", "formatVersion must be the number 1.")
    for name in NAMES:
        value = content.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Refused("P3" if name == "serialNumber" else "P1", f"{name} must be a non-empty string.")


def style_of(content: Pass) -> str:
    """The style key, exactly one, unless posterGeneric brings generic as its fallback (P2)."""
    found = [style for style in STYLES if style in content]
    if sorted(found) == ["generic", "posterGeneric"]:
        return "posterGeneric"
    if len(found) != 1:
        raise Refused("P2", f"The pass must have exactly one style, not {len(found)}.")
    return found[0]


def _check_web_service(content: Pass, allow_http: bool) -> None:
    url, token = content.get("webServiceURL"), content.get("authenticationToken")
    if (url is None) != (token is None):
        raise Refused("P5", "webServiceURL and authenticationToken must appear together or not at all.")
    if url is None:
        return
    schemes = ("https://", "http://") if allow_http else ("https://",)
    if not isinstance(url, str) or not url.startswith(schemes):
        raise Refused("P5", "webServiceURL must be an https address.")
    if url.rstrip("/").endswith("/v1"):
        raise Refused("P5", "webServiceURL ends in /v1, which the phone appends itself.")
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise Refused("P4", "authenticationToken must have 16 or more ASCII characters without spaces.")


def _check_kinds(content: Pass) -> None:
    for name in TEXTS:
        if name in content and not isinstance(content[name], str):
            raise Refused("P1", f"{name} must be a string.")
    for name in SWITCHES:
        if name in content and not isinstance(content[name], bool):
            raise Refused("P8", f"{name} must be true or false.")
    if "maxDistance" in content and not is_number(content["maxDistance"]):
        raise Refused("P8", "maxDistance must be a number.")


def _check_colors(content: Pass) -> None:
    for name in COLORS:
        if name not in content:
            continue
        parts = RGB.fullmatch(content[name]) if isinstance(content[name], str) else None
        if parts is None or any(int(part) > 255 for part in parts.groups()):
            raise Refused("P7", f"{name} must look like rgb(10, 20, 30).")


def _check_dates(content: Pass) -> None:
    found = {name: content[name] for name in ("expirationDate", "relevantDate") if name in content}
    for number, entry in enumerate(_list_of_objects(content, "relevantDates", "P9")):
        names = ("date", "relevantDate", "startDate", "endDate")
        found |= {f"relevantDates[{number}].{name}": entry[name] for name in names if name in entry}
    for name, value in found.items():
        if not is_date(value):
            raise Refused("P9", f"{name} must be a W3C date with Z or +hh:mm.")


def _list_of_objects(content: Pass, name: str, item: str) -> list[dict[str, Any]]:
    entries = content.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(item, f"{name} must be a list of objects.")
    return entries


def _check_barcodes(content: Pass) -> None:
    for barcode in _barcodes(content):
        if barcode.get("format") not in CLASSIC + NEW:
            raise Refused("P15", f"The barcode format {barcode.get('format')!r} is unknown.")
        if "altText" in barcode and not isinstance(barcode["altText"], str):
            raise Refused("P15", "altText of a barcode must be a string.")
        _check_message(barcode)


def _barcodes(content: Pass) -> list[dict[str, Any]]:
    found = _list_of_objects(content, "barcodes", "P15")
    if found or "barcode" not in content:
        return found
    if not isinstance(content["barcode"], dict):
        raise Refused("P15", "barcode must be an object.")
    return [content["barcode"]]


def _check_message(barcode: Mapping[str, Any]) -> None:
    message, encoding = barcode.get("message"), barcode.get("messageEncoding")
    if not isinstance(message, str) or not message or not isinstance(encoding, str):
        raise Refused("P15", "A barcode needs a message and a messageEncoding.")
    try:
        message.encode(encoding)
    except (LookupError, ValueError) as error:
        raise Refused("P15", f"The barcode message cannot be written in {encoding}.") from error


def barcode_shown(content: Pass) -> dict[str, Any] | None:
    """The first code that every phone can draw (P15, P16)."""
    return next((barcode for barcode in _barcodes(content) if barcode["format"] in CLASSIC), None)


def _check_places(content: Pass) -> None:
    locations = _list_of_objects(content, "locations", "P18")
    beacons = _list_of_objects(content, "beacons", "P18")
    if len(locations) > 10 or len(beacons) > 10:
        raise Refused("P18", "A pass may have at most 10 locations and 10 beacons.")
    for place in locations:
        if not is_number(place.get("latitude")) or not is_number(place.get("longitude")):
            raise Refused("P18", "A location needs latitude and longitude as numbers.")
        if "relevantText" in place and not isinstance(place["relevantText"], str):
            raise Refused("P18", "relevantText must be a string.")
    if not all(isinstance(beacon.get("proximityUUID"), str) for beacon in beacons):
        raise Refused("P18", "A beacon needs a proximityUUID.")
