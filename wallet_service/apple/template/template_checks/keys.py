"""The keys of `pass.json` outside of its fields."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from uuid import UUID

from wallet_service.apple.template.pass_body import (
    COLOURS,
    FILE,
    Body,
    is_number,
    strings_in,
    unknown_placeholders,
)
from wallet_service.apple.template.pass_dates import is_w3c
from wallet_service.apple.template.pass_template import unknown_placeholder
from wallet_service.apple.template.placeholders import HISTORY
from wallet_service.apple.template.template_fault import Fault, warning
from wallet_service.art.colour import colour

SWITCHES = ("sharingProhibited", "suppressStripShine", "voided", "useThumbnail")
TEXTS = ("organizationName", "description", "logoText", "groupingIdentifier", "appLaunchURL")
DATES = ("date", "relevantDate", "startDate", "endDate")
MOST_PLACES, MOST_ACTIONS, MOST_NFC_BYTES = 10, 2, 64
LONGEST_RELEVANT_TEXT = 80
HISTORY_MARK = re.compile(r"\{\{ *(?:" + "|".join(HISTORY) + r") *\}\}")
IN_A_FIELD = re.compile(r"\w+\.\w+Fields\[")


def check(body: Body) -> Iterator[Fault]:
    yield from (unknown_placeholder(FILE, key, name) for key, name in unknown_placeholders(body))
    yield from _history(body)
    yield from _kinds(body)
    yield from _colours(body)
    yield from _dates(body)
    yield from _places(body)
    yield from _beacons(body)
    yield from _actions(body)
    yield from _apps(body)
    yield from _nfc(body)
    yield from _without_effect(body)


def _history(body: Body) -> Iterator[Fault]:
    for key, text in strings_in(body):
        if HISTORY_MARK.search(text) and not IN_A_FIELD.match(key):
            yield _fault(key, "The history can only be told by a field.", "Use it in a field on the back.")


def _kinds(body: Body) -> Iterator[Fault]:
    """P1, P8, P23: a wrong kind of value is dropped by the phone without a word."""
    for name in TEXTS:
        if name in body and not isinstance(body[name], str):
            yield _fault(name, "It must be a text.", 'Write it in quotes: "...".')
    for name in SWITCHES:
        if name in body and not isinstance(body[name], bool):
            yield _fault(name, "It must be true or false.", "Write it without quotes.")
    if "maxDistance" in body and not is_number(body["maxDistance"]):
        yield _fault("maxDistance", "It must be a number of metres.", "Write it without quotes.")


def _colours(body: Body) -> Iterator[Fault]:
    """P7."""
    for name in COLOURS:
        try:
            colour(str(body.get(name, "#000000")))
        except ValueError as problem:
            yield _fault(name, f"{body[name]!r} is no colour.", f"{problem}.".capitalize())


def _dates(body: Body) -> Iterator[Fault]:
    """P9, P19."""
    remedy = "Write it like 2026-11-21T18:30:00+03:00."
    if "relevantDate" in body and not is_w3c(body["relevantDate"]):
        yield _fault("relevantDate", "It is no date that phones read.", remedy)
    for place, entry in enumerate(_objects(body, "relevantDates")):
        for name in DATES:
            if name in entry and not is_w3c(entry[name]):
                yield _fault(f"relevantDates[{place}].{name}", "It is no date that phones read.", remedy)


def _places(body: Body) -> Iterator[Fault]:
    """P18."""
    yield from _at_most(body, "locations", MOST_PLACES)
    for place, location in enumerate(_objects(body, "locations")):
        key = f"locations[{place}]"
        if not _on_earth(location.get("latitude"), 90) or not _on_earth(location.get("longitude"), 180):
            yield _fault(key, "It needs latitude and longitude.", "Write both as numbers, without quotes.")
        text = location.get("relevantText", "")
        if not isinstance(text, str):
            yield _fault(f"{key}.relevantText", "It must be a text.", 'Write it in quotes: "...".')
        elif len(text) > LONGEST_RELEVANT_TEXT:
            problem = f"It has {len(text)} characters; a lock screen shows one line."
            yield warning(FILE, f"{key}.relevantText", problem, "Make it shorter than 80.")


def _on_earth(value: object, most: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most


def _beacons(body: Body) -> Iterator[Fault]:
    """P18."""
    yield from _at_most(body, "beacons", MOST_PLACES)
    for place, beacon in enumerate(_objects(body, "beacons")):
        if not _is_uuid(beacon.get("proximityUUID")):
            key = f"beacons[{place}].proximityUUID"
            yield _fault(key, "It is no UUID.", "Copy it from the beacon's own page.")
        for name in ("major", "minor"):
            if name in beacon and not (is_number(beacon[name]) and 0 <= beacon[name] <= 65_535):
                yield _fault(f"beacons[{place}].{name}", "It must be 0 to 65535.", "Write it as a number.")


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def _actions(body: Body) -> Iterator[Fault]:
    """P17."""
    yield from _at_most(body, "featuredActions", MOST_ACTIONS)
    seen: set[object] = set()
    for place, action in enumerate(_objects(body, "featuredActions")):
        key, name, url = f"featuredActions[{place}]", action.get("identifier"), action.get("url", "https://")
        if not isinstance(name, str) or not isinstance(action.get("type"), str):
            yield _fault(key, "An action needs an identifier and a type.", "Add both as texts.")
        elif name in seen:
            yield _fault(key, f"The identifier {name!r} comes twice.", "Give each action its own.")
        else:
            seen.add(name)
        if not isinstance(url, str) or not url.startswith("https://"):
            yield _fault(f"{key}.url", "It must be an https address.", "Begin it with https://.")


def _apps(body: Body) -> Iterator[Fault]:
    """P22."""
    apps = body.get("associatedStoreIdentifiers")
    if apps is not None and not (isinstance(apps, list) and apps and all(_is_count(app) for app in apps)):
        remedy = "Write the app's number without quotes: [1234567890]."
        yield _fault("associatedStoreIdentifiers", "It must be a list of numbers.", remedy)
    if "appLaunchURL" in body and not apps:
        problem = "It has no effect without associatedStoreIdentifiers."
        yield _fault("appLaunchURL", problem, "Add them, or take it out.")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _nfc(body: Body) -> Iterator[Fault]:
    """P24, B12."""
    if "nfc" not in body:
        return
    nfc = body["nfc"] if isinstance(body["nfc"], dict) else {}
    message = nfc.get("message")
    if not isinstance(message, str) or not 0 < len(message.encode()) <= MOST_NFC_BYTES:
        yield _fault("nfc.message", "It must be a text of at most 64 bytes.", "Make it shorter.")
    if not _is_base64(nfc.get("encryptionPublicKey")):
        remedy = "Give a P-256 key as X.509 SubjectPublicKeyInfo in base64."
        yield _fault("nfc.encryptionPublicKey", "It is no key.", remedy)
    problem = "NFC works only with a certificate that Apple has entitled to it."
    yield warning(FILE, "nfc", problem, "Ask Apple for the entitlement, or take nfc out.")


def _is_base64(value: object) -> bool:
    try:
        return isinstance(value, str) and len(base64.b64decode(value, validate=True)) >= 33
    except (binascii.Error, ValueError):
        return False


def _without_effect(body: Body) -> Iterator[Fault]:
    if "stripColor" in body:
        yield warning(FILE, "stripColor", "Apple does not document it.", "Take it out.")  # P7
    if "groupingIdentifier" in body and not {"eventTicket", "boardingPass"} & body.keys():
        problem = "Only event tickets and boarding passes are grouped by it."  # P21
        yield warning(FILE, "groupingIdentifier", problem, "Take it out.")
    for name in ("voided", "expirationDate"):
        if name in body:
            problem = "Each card says this for itself; the template's is left out."  # P20
            yield warning(FILE, name, problem, "Take it out.")


def _at_most(body: Body, name: str, most: int) -> Iterator[Fault]:
    entries = body.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield _fault(name, "It must be a list of objects.", "Write [{...}, {...}].")
    elif len(entries) > most:
        yield _fault(name, f"It has {len(entries)} entries.", f"Keep at most {most}.")


def _objects(body: Body, name: str) -> list[Body]:
    entries = body.get(name)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _fault(key: str, problem: str, remedy: str) -> Fault:
    return Fault(FILE, key, problem, remedy)
