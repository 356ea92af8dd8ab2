"""The link behind Google's button: who we are and which object to save, signed, without its content."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from wallet_service.domain.errors import Misconfigured
from wallet_service.google.service_account import read_service_account
from wallet_service.settings import GoogleSettings

LONGEST = 1800  # G4: what mail programs and browsers leave whole


class SaveLinks:
    """The object must have been accepted by Google before its link is made (G6)."""

    def __init__(self, settings: GoogleSettings, public_url: str) -> None:
        self._account = read_service_account(settings.service_account_file)
        self._save_url = settings.save_url
        self._header = _part({"alg": "RS256", "typ": "JWT", "kid": self._account.key_id})  # G1
        self._origin = _origin(public_url)

    def link(self, object_id: str, now: datetime) -> str:
        token = self._signed(self._claims(object_id, now))
        if len(token) >= LONGEST:
            raise Misconfigured(
                f"The save link has {len(token)} characters, {LONGEST} are too many. "
                "Take a service account key of 2048 bits, and a shorter WALLET_PUBLIC_URL."
            )
        return f"{self._save_url}/{token}"

    def _signed(self, claims: dict[str, Any]) -> str:
        """A compact JWS: nothing in it but the claims is new each time."""
        content = f"{self._header}.{_part(claims)}"
        signature: bytes = self._account.signer.sign(content.encode())
        return f"{content}.{_text(signature)}"

    def _claims(self, object_id: str, now: datetime) -> dict[str, Any]:
        """G2, G3: these and no others."""
        return {
            "iss": self._account.email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(now.timestamp()),
            "origins": [self._origin],
            "payload": {"loyaltyObjects": [{"id": object_id}]},
        }


def _part(content: dict[str, Any]) -> str:
    return _text(json.dumps(content, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _origin(public_url: str) -> str:
    """Scheme, host and port, without a path."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
