"""The link behind Google's button: who we are and which object to save, signed, without its content."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from google.auth import jwt

from wallet_service.domain.errors import Misconfigured
from wallet_service.google.service_account import read_service_account
from wallet_service.settings import GoogleSettings

LONGEST = 1800  # G4: what mail programs and browsers leave whole


class SaveLinks:
    """Reads the key once. The object must have been accepted by Google before its link is made (G6)."""

    def __init__(self, settings: GoogleSettings, public_url: str) -> None:
        self._account = read_service_account(settings.service_account_file)
        self._save_url = settings.save_url
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
        """G1: RS256, and the id of the key in the header."""
        token: bytes = jwt.encode(self._account.signer, claims)  # type: ignore[no-untyped-call]
        return token.decode()

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


def _origin(public_url: str) -> str:
    """Scheme, host and port, without a path."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
