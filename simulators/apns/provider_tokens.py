"""Tokens instead of certificates (N6): ES256, a key for all of a team, a new token only now and then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from simulators.apns.rules import Credential, Request
from simulators.google_wallet.jose import BadToken, Token, read

OLDEST = timedelta(hours=1)
YOUNGEST_CHANGE = timedelta(minutes=20)
CLOCKS_DIFFER = timedelta(minutes=5)
HALF = 32  # octets of each number in a signature by P-256


class Turned(Exception):
    """Away, for this reason of APNs."""


@dataclass(frozen=True)
class Key:
    """As the developer portal made it; `topics` of the team, None: whatever is asked for."""

    team: str
    public: ec.EllipticCurvePublicKey
    topics: frozenset[str] | None = None


@dataclass
class Visitor:
    """Who is at the other end of a connection: by its certificate, or by the key it showed first."""

    certificate: Credential | None
    key_id: str = ""

    @property
    def known(self) -> bool:
        return self.certificate is not None or bool(self.key_id)


@dataclass
class Keys:
    """The keys of all teams, and the token that each was used with last."""

    known: dict[str, Key] = field(default_factory=dict)
    _last: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def trust(self, wish: dict[str, Any]) -> None:
        public = load_pem_public_key(str(wish["public_key"]).encode())
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise TypeError("a key for tokens is on the curve P-256")
        topics = wish.get("topics")
        self.known[wish["key_id"]] = Key(wish["team"], public, None if topics is None else frozenset(topics))

    def forget_tokens(self) -> None:
        self._last.clear()

    def admit(self, request: Request, visitor: Visitor, now: datetime) -> Credential:
        """What the token of this request may push to; or Turned."""
        text = _bearer(request)
        key_id, key, made_at = self._read(text)
        if visitor.key_id not in ("", key_id):
            raise Turned("UnrelatedKeyIdInToken")
        if made_at > now + CLOCKS_DIFFER:
            raise Turned("InvalidProviderToken")
        if made_at < now - OLDEST:
            raise Turned("ExpiredProviderToken")
        self._require_steady(key_id, text, now)
        visitor.key_id = key_id
        return Credential("", made_at + OLDEST + CLOCKS_DIFFER, key.topics, by_token=True)

    def _read(self, text: str) -> tuple[str, Key, datetime]:
        try:
            token = read(text)
        except BadToken as fault:
            raise Turned("InvalidProviderToken") from fault
        key_id, made_at = token.header.get("kid"), token.claims.get("iat")
        key = self.known.get(key_id) if isinstance(key_id, str) else None
        if key is None or not _is_signed(token, key) or token.claims.get("iss") != key.team:
            raise Turned("InvalidProviderToken")
        if type(made_at) is not int or not 0 <= made_at < 2**33:
            raise Turned("InvalidProviderToken")
        return str(key_id), key, datetime.fromtimestamp(made_at, UTC)

    def _require_steady(self, key_id: str, text: str, now: datetime) -> None:
        """Apple: a new token no more than once in twenty minutes."""
        last, since = self._last.get(key_id, ("", now - YOUNGEST_CHANGE))
        if text == last:
            return
        if now - since < YOUNGEST_CHANGE:
            raise Turned("TooManyProviderTokenUpdates")
        self._last[key_id] = text, now


def _bearer(request: Request) -> str:
    said = request.header("authorization")
    if said is None:
        raise Turned("MissingProviderToken")
    scheme, _, text = said.partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise Turned("InvalidProviderToken")
    return text


def _is_signed(token: Token, key: Key) -> bool:
    if token.header.get("alg") != "ES256" or len(token.signature) != 2 * HALF:
        return False
    r, s = (int.from_bytes(half) for half in (token.signature[:HALF], token.signature[HALF:]))
    try:
        key.public.verify(encode_dss_signature(r, s), token.signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
