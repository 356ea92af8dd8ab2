"""A card's face becomes Google's object; nothing else is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wallet_service.domain import rotating
from wallet_service.domain.face import CardFace
from wallet_service.domain.program import Texts
from wallet_service.domain.progress import Progress
from wallet_service.google import texts
from wallet_service.google.addresses import public
from wallet_service.google.identifiers import class_id, object_id
from wallet_service.google.look import GoogleLook
from wallet_service.google.text_bar import text_bar
from wallet_service.google.texts import localized, twins

Body = dict[str, Any]

MOST_MODULES = 10  # G22
ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
PICTURE = "heroImage"
SOMETIMES = ("barcode", "rotatingBarcode", "validTimeInterval", "smartTapRedemptionValue")


def loyalty_object(
    face: CardFace, look: GoogleLook, issuer_id: str, picture_url: str | None, code_key: bytes | None = None
) -> Body:
    """The whole card in absolute values (G13, G14). No name in it: a card shows its number.

    With a `code_key` the code turns. A card whose member is forgotten is empty.
    """
    if face.erased:
        return _emptied(face, issuer_id)
    return {
        "id": object_id(issuer_id, face.serial),
        "classId": class_id(issuer_id, face.program),
        "state": INACTIVE if face.voided else ACTIVE,  # G17: nothing is ever deleted at Google
        "accountId": face.number,
        **(_code(face) if code_key is None else _rotating_code(face, code_key)),
        "loyaltyPoints": _balance(face),
        "secondaryLoyaltyPoints": _to_go(face),
        "textModulesData": list(_modules(face)),
        "linksModuleData": {"uris": [_page(face, look)]},
        **_picture(face, look, picture_url),
        **_valid(face),
        **_smart_tap(face, look),
    }


def _emptied(face: CardFace, issuer_id: str) -> Body:
    """G17: it cannot be deleted at Google, only closed; what a PATCH does not name as null would stay."""
    gone = ("accountId", "loyaltyPoints", "secondaryLoyaltyPoints", "linksModuleData", PICTURE)
    return {
        "id": object_id(issuer_id, face.serial),
        "classId": class_id(issuer_id, face.program),
        "state": INACTIVE,
        **dict.fromkeys(gone),
        "textModulesData": [],
    }


def without_picture(body: Body) -> Body:
    """So that the balance lands when the picture cannot be fetched; Google goes on showing the last one."""
    return {name: value for name, value in body.items() if name != PICTURE}


def for_patch(body: Body) -> Body:
    """G14: a PATCH leaves alone what it does not name, so what the card no longer has is named as null."""
    return dict.fromkeys(SOMETIMES) | body


def _code(face: CardFace) -> Body:
    return {"barcode": {"type": "QR_CODE", "value": face.number, "alternateText": face.number_grouped}}  # G20


def _rotating_code(face: CardFace, key: bytes) -> Body:
    """Instead of the other, never beside it: a code that stays would be photographed instead."""
    parameters = [{"key": key.hex(), "valueLength": rotating.DIGITS}]
    details = {
        "algorithm": "TOTP_SHA1",
        "periodMillis": str(rotating.PERIOD * 1000),
        "parameters": parameters,
    }
    pattern = f"{face.number}{{totp_value_0}}"
    return {"rotatingBarcode": {"type": "QR_CODE", "valuePattern": pattern, "totpDetails": details}}


def _balance(face: CardFace) -> Body:
    shown = face.progress
    of = face.balance[face.languages[0]] if shown.money else f"{shown.value}/{shown.goal}"
    return _points(face, _unit(shown), of)


def _to_go(face: CardFace) -> Body:
    return _points(face, texts.TO_GO, face.to_go[face.languages[0]])


def _points(face: CardFace, label: Texts, shown: str) -> Body:
    """G21: always as text. A PATCH merges, so a figure of another kind would stand beside the last one."""
    return {**twins("label", label, face.languages), "balance": {"string": shown}}


def _unit(progress: Progress) -> Texts:
    if progress.money:
        return texts.SAVED
    return texts.STAMPS if progress.cells else texts.POINTS


def _modules(face: CardFace) -> Iterator[Body]:
    """What stands on the card as text, the newest history last and only as far as Google shows it."""
    fixed = list(_fixed_modules(face))
    yield from fixed
    for place, line in enumerate(face.history[: MOST_MODULES - len(fixed)], 1):
        when = texts.day(line.occurred_at, face.time_zone, face.languages)
        yield _module(face, f"history-{place}", when, line.text)


def _fixed_modules(face: CardFace) -> Iterator[Body]:
    yield _module(face, "progress", face.reward, _progress(face))
    yield _module(face, "news", texts.NEWS, face.news)
    if face.ready:
        yield _module(face, "ready", texts.READY, face.ready)
    if face.tier:  # G23: Google has tiers of classes only
        yield _module(face, "tier", texts.TIER, face.tier)
    if face.expiring:
        yield _module(face, "expiring", texts.EXPIRING, face.expiring)
    yield _module(face, "rules", texts.RULES, face.rules)


def _module(face: CardFace, name: str, header: Texts, body: Texts) -> Body:
    """G19: a dot in `name` would break the paths of the class's rows."""
    return {"id": name, **twins("header", header, face.languages), **twins("body", body, face.languages)}


def _progress(face: CardFace) -> Texts:
    """The bar once more where no picture is seen, with the words that can be read aloud."""
    bar = text_bar(face.progress)
    return {language: f"{bar} {face.progress_text[language]}" for language in face.languages}


def _page(face: CardFace, look: GoogleLook) -> Body:
    address = public(face.page, plain_http=look.plain_http)
    return {"id": "page", "uri": address, **twins("description", texts.PAGE, face.languages)}


def _picture(face: CardFace, look: GoogleLook, address: str | None) -> Body:
    if address is None:
        return {}
    return {
        PICTURE: {
            "sourceUri": {"uri": public(address, plain_http=look.plain_http)},
            "contentDescription": localized(face.progress_text, face.languages),
        }
    }


def _valid(face: CardFace) -> Body:
    if face.expires_at is None:
        return {}
    return {"validTimeInterval": {"end": {"date": face.expires_at.isoformat()}}}


def _smart_tap(face: CardFace, look: GoogleLook) -> Body:
    return {"smartTapRedemptionValue": face.number} if look.redemption_issuers else {}
