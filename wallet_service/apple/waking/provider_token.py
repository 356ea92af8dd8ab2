"""The token that says to APNs who pushes: signed with a team's key, the same in every process (N6)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from wallet_service.apple.signing.push_keys import PushKey

LASTS = timedelta(minutes=40)  # Apple takes it for an hour
YOUNGEST_CHANGE = timedelta(minutes=20)  # and a new one no more often than this
OF_TOKENS = frozenset(
    {"ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken", "UnrelatedKeyIdInToken"}
)
HALF = 32  # octets of each number in a signature by P-256


class ProviderToken:
    """One for every forty minutes, counted from the epoch, and signed without chance (RFC 6979): however many
    workers push, and however often they start, APNs sees one token of a key at a time.
    """

    def __init__(self, key: PushKey) -> None:
        self._key = key
        self._from = 0  # where the counting begins
        self._renewed_at: datetime | None = None
        self._made: tuple[int, str] = (-1, "")

    def at(self, now: datetime) -> str:
        seconds = int(now.timestamp())
        made_at = seconds - (seconds - self._from) % int(LASTS.total_seconds())
        if self._made[0] != made_at:
            self._made = made_at, _signed(self._key, made_at)
        return self._made[1]

    def renew(self, now: datetime) -> bool:
        """After a refusal, once: False when the last one is too young to be changed again."""
        if self._renewed_at is not None and abs(now - self._renewed_at) < YOUNGEST_CHANGE:
            return False
        self._renewed_at, self._from = now, int(now.timestamp())
        return True


def _signed(key: PushKey, made_at: int) -> str:
    header = _part({"alg": "ES256", "kid": key.key_id})
    text = header + b"." + _part({"iss": key.team, "iat": made_at})
    der = key.key.sign(text, ec.ECDSA(SHA256(), deterministic_signing=True))
    signature = b"".join(number.to_bytes(HALF) for number in decode_dss_signature(der))
    return (text + b"." + _base64(signature)).decode()


def _part(value: dict[str, str | int]) -> bytes:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
