"""Compact JWS with RS256, read strictly: the form of save links and of the assertions for a token."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PART = re.compile(r"[A-Za-z0-9_-]+")


class BadToken(Exception):
    """In one sentence, for the developer."""


@dataclass(frozen=True)
class Token:
    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def is_signed_by(self, key: RSAPublicKey) -> bool:
        try:
            key.verify(self.signature, self.signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def read(text: str) -> Token:
    parts = text.split(".")
    if len(parts) != 3 or not all(map(PART.fullmatch, parts)):
        raise BadToken("The token is not three parts of base64url without padding.")
    header, claims = (_dictionary(part) for part in parts[:2])
    return Token(header, claims, ".".join(parts[:2]).encode(), _decoded(parts[2]))


def _dictionary(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decoded(part).decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadToken("A part of the token is not JSON.") from None
    if not isinstance(value, dict):
        raise BadToken("A part of the token is not a JSON object.")
    return value


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise BadToken("A part of the token is not base64url.") from None
