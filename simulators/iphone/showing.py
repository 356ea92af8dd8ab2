"""Turns phones and cards into the JSON that the control API and the page speak."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

from simulators.iphone.bundle import Bundle
from simulators.iphone.face import face_of, picture
from simulators.iphone.pass_rules import RGB, barcode_shown
from simulators.iphone.state import Call, HeldCard, Notice, PhoneState
from simulators.iphone.value_rules import as_date

SLOTS = ("icon", "logo", "strip", "thumbnail", "background")
COLORS = {"background": (28, 28, 30), "foreground": (255, 255, 255), "label": (255, 255, 255)}


def show_phone(phone: PhoneState) -> dict[str, Any]:
    return {
        "id": phone.id,
        "language": phone.language,
        "device": phone.device,
        "push_token": phone.push_token,
        "wake_ups": phone.wake_ups,
        "knobs": asdict(phone.knobs),
        "waiting_pushes": sorted(phone.waiting),
        "switched_off": sorted(phone.switched_off),
        "push_scores": {topic: score.points for topic, score in list(phone.scores.items())},
        "tags": {pass_type: tag for (_, pass_type), tag in list(phone.tags.items())},
        "serials": [serial for _, serial in list(phone.cards)],
        "notices": [show_notice(notice) for notice in list(phone.notices)],
        "calls": [show_call(call) for call in list(phone.calls)],
        "complaints": list(phone.complaints),
    }


def show_notice(notice: Notice) -> dict[str, Any]:
    return {**asdict(notice), "at": _time(notice.at)}


def show_call(call: Call) -> dict[str, Any]:
    return {**asdict(call), "at": _time(call.at)}


def show_card(phone: PhoneState, card: HeldCard, now: datetime) -> dict[str, Any]:
    """Everything about one card, its texts in the language of the phone."""
    bundle = card.bundle
    face = face_of(bundle, phone.language)
    return {
        "serial": bundle.serial,
        "type": bundle.pass_type,
        "style": bundle.style,
        "organization": face.organization,
        "description": face.description,
        "logo_text": face.logo_text,
        "signed_by": bundle.signed_by,
        "fields": {name: [asdict(field) for field in fields] for name, fields in face.sections.items()},
        "values": {key: field.value for key, field in face.fields().items()},
        "colors": {name: _color(bundle, name) for name in COLORS},
        "pictures": _pictures(phone, bundle),
        "barcode": _barcode(phone, card),
        "voided": bundle.content.get("voided", False),
        "expired": _expired(bundle, now),
        "sharing_prohibited": bundle.content.get("sharingProhibited", False),
        "lost_languages": dict(bundle.lost),
        "size": len(bundle.raw),
        "version": bundle.version,
        **_standing(phone, card),
    }


def _standing(phone: PhoneState, card: HeldCard) -> dict[str, Any]:
    mine: Iterable[Call] = [call for call in list(phone.calls) if (call.pass_type, call.serial) == card.key]
    notices = [one for one in list(phone.notices) if (one.pass_type, one.serial) == card.key]
    return {
        "service": card.bundle.service,
        "registered": card.registered,
        "updates_on": card.updates_on,
        "orphaned": card.orphaned,
        "wake_ups": card.wake_ups,
        "last_modified": card.last_modified,
        "tag": phone.tags.get((card.bundle.service or "", card.bundle.pass_type)),
        "added_at": _time(card.added_at),
        "changed_at": _time(card.changed_at),
        "fetches": [show_call(call) for call in mine],
        "notices": [show_notice(notice) for notice in notices],
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _color(bundle: Bundle, name: str) -> str:
    parts = RGB.fullmatch(bundle.content.get(f"{name}Color", ""))
    red, green, blue = (int(part) for part in parts.groups()) if parts else COLORS[name]
    return f"rgb({red}, {green}, {blue})"


def card_path(phone: PhoneState, bundle: Bundle) -> str:
    return f"/phones/{quote(phone.id, safe='')}/cards/{quote(bundle.serial, safe='')}"


def _pictures(phone: PhoneState, bundle: Bundle) -> dict[str, str]:
    held = [slot for slot in SLOTS if picture(bundle, slot, phone.language)]
    mark = f"{bundle.version}-{phone.language}"
    return {slot: f"{card_path(phone, bundle)}/{slot}.png?v={mark}" for slot in held}


def _barcode(phone: PhoneState, card: HeldCard) -> dict[str, Any] | None:
    barcode = barcode_shown(card.bundle.content)
    if barcode is None:
        return None
    return {
        "format": barcode["format"],
        "message": barcode["message"],
        "alt_text": barcode.get("altText", ""),
        "picture": f"{card_path(phone, card.bundle)}/barcode.svg?v={card.bundle.version}",
    }


def _expired(bundle: Bundle, now: datetime) -> bool:
    ends = as_date(bundle.content.get("expirationDate"))
    return ends is not None and ends <= now
