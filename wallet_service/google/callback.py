"""Reads a callback: is it Google's, is it for us, what happened. Nothing here remembers anything (G30)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wallet_service.domain.errors import Invalid, Refusal
from wallet_service.google.callback_keys import CallbackKeys, Root, moment
from wallet_service.google.callback_signature import (
    PROTOCOL,
    link_of_key,
    link_of_message,
    public_key,
    signed_by,
)

SAVE, DELETE = "save", "del"
LONGEST_NAME = 128


class NotGoogles(Refusal):
    """One answer for every way in which a callback cannot be trusted."""

    slug, status, title = "not-googles", 401, "The callback is not from Google, or not for us"


@dataclass(frozen=True)
class Event:
    """Somebody saved or removed a card; nobody says when (G34)."""

    kind: str
    class_id: str
    object_id: str
    nonce: str
    expires: datetime


@dataclass(frozen=True)
class _Letter:
    """The outer JSON, decoded once; its strings are verified as they came out (G29)."""

    signature: str
    protocol: str
    message: str
    signed_key: str
    key_signatures: tuple[str, ...]


def read_callback(body: bytes, *, keys: CallbackKeys, issuer_id: str, now: datetime) -> Event:
    """Invalid, NotGoogles, or Unavailable while Google's keys are not known."""
    letter = _letter(body)
    if letter.protocol != PROTOCOL:
        raise _not_googles()
    if not _by_a_root(letter, keys, now):
        raise _not_googles()
    _by_the_intermediate(letter, issuer_id, now)
    return _event(letter.message, issuer_id, now)


def _letter(body: bytes) -> _Letter:
    outer = _object(body)
    key = _part(outer, "intermediateSigningKey", dict)
    signatures = _part(key, "signatures", list)
    if not all(isinstance(one, str) for one in signatures):
        raise _malformed("signatures")
    return _Letter(
        signature=_part(outer, "signature", str),
        protocol=_part(outer, "protocolVersion", str),
        message=_part(outer, "signedMessage", str),
        signed_key=_part(key, "signedKey", str),
        key_signatures=tuple(signatures[:10]),
    )


def _by_a_root(letter: _Letter, keys: CallbackKeys, now: datetime) -> bool:
    """Link 1. Roots may rotate without notice: when none fits, they are asked for anew, with measure."""
    content = link_of_key(letter.signed_key)

    def fits(roots: Sequence[Root]) -> bool:
        return any(signed_by(root.key, one, content) for root in roots for one in letter.key_signatures)

    known = keys.roots(now)
    return fits(known) or fits(keys.newer_roots(known, now))


def _by_the_intermediate(letter: _Letter, issuer_id: str, now: datetime) -> None:
    """Link 2. Never kept or pinned: these keys change every few days (G32)."""
    signed_key = _signed(letter.signed_key)
    expires, key = moment(signed_key.get("keyExpiration")), public_key(str(signed_key.get("keyValue")))
    if expires is None or expires <= now or key is None:
        raise _not_googles()
    if not signed_by(key, letter.signature, link_of_message(issuer_id, letter.message)):
        raise _not_googles()


def _event(message: str, issuer_id: str, now: datetime) -> Event:
    said = _signed(message)
    expires = moment(said.get("expTimeMillis"))
    if expires is None or expires <= now:
        raise _not_googles()
    names = [said.get(name) for name in ("classId", "objectId")]
    if not all(isinstance(one, str) and one.startswith(f"{issuer_id}.") for one in names):
        raise _not_googles()
    kind, nonce = said.get("eventType"), said.get("nonce")
    if kind not in (SAVE, DELETE) or not isinstance(nonce, str) or not nonce:
        raise _malformed("eventType or nonce")
    class_id, object_id = (str(one) for one in names)
    if max(len(class_id), len(object_id)) > LONGEST_NAME:
        raise _malformed("classId or objectId")
    return Event(str(kind), class_id, object_id, _short(nonce), expires)


def _short(nonce: str) -> str:
    """As it is, unless it is longer than any nonce seen so far."""
    plain = len(nonce) <= LONGEST_NAME and nonce.isprintable()
    return nonce if plain else hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).hexdigest()


def _signed(text: str) -> dict[str, Any]:
    return _object(text.encode("utf-8", "surrogatepass"))


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _malformed("the body") from None
    if not isinstance(found, dict):
        raise _malformed("the body")
    return found


def _refuse(name: str) -> Callable[..., Any]:
    raise ValueError(name)


def _part(outer: dict[str, Any], name: str, kind: type) -> Any:
    found = outer.get(name)
    if not isinstance(found, kind):
        raise _malformed(name)
    return found


def _malformed(what: str) -> Invalid:
    return Invalid(f"The callback is not in Google's form: look at {what}.")


def _not_googles() -> NotGoogles:
    return NotGoogles("The callback is not from Google, or not for us.")
