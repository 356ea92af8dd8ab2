"""One card as Android's wallet draws it: texts in the phone's language, rows, details, pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from simulators.google_wallet.rotating import code_of, shown_at
from simulators.google_wallet.world import LANGUAGES, World

__all__ = ["LANGUAGES", "picture_address", "show_card"]

Part = Mapping[str, Any]
Item = dict[str, str]
STEP = re.compile(r"(\w+)(?:\['([\w-]+)'\])?")
LABELS = {"accountName": "accountNameLabel", "accountId": "accountIdLabel", "rewardsTier": "rewardsTierLabel"}
NO_COLOUR = "#3c4043"
DEFAULT_ROWS = (
    ("object.loyaltyPoints", "object.secondaryLoyaltyPoints"),
    ("object.accountName", "class.rewardsTier"),
)


def show_card(world: World, object_id: str, language: str) -> dict[str, Any]:
    with world.shelf.lock:
        one = world.shelf.objects[object_id]
        of = world.shelf.classes[one["classId"]]
    text = Words(language)
    background = of.get("hexBackgroundColor", NO_COLOUR)
    return {
        "id": object_id,
        "version": f"{one['version']}-{of['version']}",
        "state": one["state"],
        "background": background,
        "is_light": _is_light(background),
        "issuer": text.of(of, "issuerName"),
        "program": text.of(of, "programName"),
        "pictures": _pictures(one, of, text),
        "rows": _rows(one, of, text),
        "barcode": _barcode(one, object_id, world.clock()),
        "account": _account(one, of, text),
        "texts": [
            _module(each, text) for each in [*_list(one, "textModulesData"), *_list(of, "textModulesData")]
        ],
        "messages": [_message(each, text) for each in [*_list(one, "messages"), *_list(of, "messages")]],
        "links": [_link(each, text) for each in _links(one, of)],
    }


class Words:
    """The localized twin of a text in the phone's language, else its default, else the plain text."""

    def __init__(self, language: str) -> None:
        self._language = language

    def of(self, part: Part, name: str) -> str:
        twin = part.get(f"localized{name[0].upper()}{name[1:]}")
        return self.chosen(twin) if twin else str(part.get(name, ""))

    def chosen(self, localized: Part) -> str:
        everything = [localized["defaultValue"], *localized.get("translatedValues", [])]
        fitting = [one for one in everything if one["language"].partition("-")[0] == self._language]
        return str((fitting or everything)[0]["value"])

    def described(self, image: Part) -> str:
        return self.chosen(image["contentDescription"]) if "contentDescription" in image else ""


def picture_address(world: World, object_id: str, slot: str) -> str | None:
    """The address that the issuer gave for a slot of this card."""
    one = world.shelf.objects.get(object_id)
    of = world.shelf.classes.get(one["classId"]) if one else None
    image = _images(one, of).get(slot) if one and of else None
    return image["sourceUri"]["uri"] if image and "sourceUri" in image else None


def _images(one: Part, of: Part) -> dict[str, Part]:
    modules = [*_list(one, "imageModulesData"), *_list(of, "imageModulesData")]
    found = {
        "logo": of.get("programLogo"),
        "wide": of.get("wideProgramLogo"),
        "hero": one.get("heroImage") or of.get("heroImage"),
        "image": modules[0].get("mainImage") if modules else None,
    }
    return {slot: image for slot, image in found.items() if image}


def _pictures(one: Part, of: Part, text: Words) -> dict[str, Item]:
    """Under addresses that change with what they show, so that the page never keeps an old one."""
    shown = {}
    for slot, image in _images(one, of).items():
        seal = hashlib.sha256(repr(image).encode()).hexdigest()[:12]
        address = url_for("page.picture_of", name=one["id"], slot=slot, seal=seal)
        shown[slot] = {"src": address, "alt": text.described(image)}
    return shown


def _rows(one: Part, of: Part, text: Words) -> list[list[Item]]:
    override = of.get("classTemplateInfo", {}).get("cardTemplateOverride", {})
    rows = [_template_row(row, one, of, text) for row in override.get("cardRowTemplateInfos", [])]
    if not rows:
        rows = [[_resolved(path, one, of, text) for path in row] for row in DEFAULT_ROWS]
    full = [[item for item in row if item and item["value"]] for row in rows]
    return [row for row in full if row]


def _template_row(row: Part, one: Part, of: Part, text: Words) -> list[Item | None]:
    places: Part = next(iter(row.values()), {})
    items = [places[place] for place in ("item", "startItem", "middleItem", "endItem") if place in places]
    return [_template_item(item, one, of, text) for item in items]


def _template_item(item: Part, one: Part, of: Part, text: Words) -> Item | None:
    values = [_selected(item[side], one, of, text) for side in ("firstValue", "secondValue") if side in item]
    found = [value for value in values if value]
    if not found:
        return None
    return found[0] | {"value": " / ".join(value["value"] for value in found)}


def _selected(selector: Part, one: Part, of: Part, text: Words) -> Item | None:
    """The first of the fields that holds something."""
    found = (_resolved(field["fieldPath"], one, of, text) for field in selector.get("fields", ()))
    return next((item for item in found if item and item["value"]), None)


def _resolved(path: str, one: Part, of: Part, text: Words) -> Item | None:
    """`object.textModulesData['progress']` or `object.loyaltyPoints.balance`, each with its label."""
    start, *steps = path.split(".")
    here: Any = one if start == "object" else of
    before: Part = {}
    name = ""
    for step in steps:
        read = STEP.fullmatch(step)
        if not read or not isinstance(here, Mapping):
            return None
        before, name = here, read[1]
        here = _named(here.get(name), read[2])
    return _as_item(here, name, before, of, text)


def _named(value: Any, wanted: str | None) -> Any:
    if wanted is None:
        return value
    return next((one for one in value or () if one.get("id") == wanted), None)


def _as_item(value: Any, name: str, before: Part, of: Part, text: Words) -> Item | None:
    if value is None:
        return None
    if name.endswith("oyaltyPoints"):
        return {"label": text.of(value, "label"), "value": _amount(value.get("balance", {}))}
    if name == "balance":
        return {"label": text.of(before, "label"), "value": _amount(value)}
    if name == "textModulesData" and isinstance(value, Mapping):
        return _module(value, text)
    if isinstance(value, Mapping | list):
        return None
    return {"label": text.of(of, LABELS[name]) if name in LABELS else "", "value": text.of(before, name)}


def _amount(balance: Part) -> str:
    if "money" in balance:
        money = balance["money"]
        return f"{int(money['micros']) / 1_000_000:,.2f} {money['currencyCode']}"  # G21
    return str(next(iter(balance.values()), ""))


def _barcode(one: Part, object_id: str, now: datetime) -> dict[str, Any] | None:
    code = code_of(one)
    if not code:
        return None
    shown = shown_at(code, now)
    seal = hashlib.sha256(f"{code['type']} {shown.value}".encode()).hexdigest()[:12]
    address = url_for("page.barcode_of", name=object_id, seal=seal)
    words = {"value": shown.value, "alt": code.get("alternateText", "")}
    return {"src": address, "seconds_left": shown.seconds_left, **words}


def _account(one: Part, of: Part, text: Words) -> list[Item]:
    pairs = (("accountName", "accountNameLabel"), ("accountId", "accountIdLabel"))
    return [{"label": text.of(of, label), "value": one[name]} for name, label in pairs if one.get(name)]


def _module(module: Part, text: Words) -> Item:
    shown = {"label": text.of(module, "header"), "value": text.of(module, "body")}
    return shown | {"id": module.get("id", "")}


def _message(message: Part, text: Words) -> Item:
    return {"label": text.of(message, "header"), "value": text.of(message, "body")}


def _link(uri: Part, text: Words) -> Item:
    return {"label": text.of(uri, "description") or uri["uri"], "value": uri["uri"]}


def _links(one: Part, of: Part) -> list[Part]:
    modules = [part.get("linksModuleData", {}).get("uris", []) for part in (one, of)]
    home = [of["homepageUri"]] if "homepageUri" in of else []
    return [*modules[0], *modules[1], *home]


def _list(part: Part, name: str) -> list[Part]:
    return list(part.get(name, ()))


def _is_light(colour: str) -> bool:
    """Google writes dark letters on light cards."""
    digits = colour.lstrip("#")
    pairs = [digit * 2 for digit in digits] if len(digits) == 3 else [digits[i : i + 2] for i in (0, 2, 4)]
    red, green, blue = (int(pair, 16) for pair in pairs)
    return 0.299 * red + 0.587 * green + 0.114 * blue > 150
