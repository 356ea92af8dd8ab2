"""A till has a key that never leaves its browser: what it signs without a network is known by it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.db.tables import TillKey
from wallet_service.domain.errors import Invalid
from wallet_service.domain.offline import NotSigned, TooManyKeys

HALF = 32
"""Bytes of r and of s."""
MOST_KEYS = 20
"""Of one till: a browser makes a new one only when its memory was wiped."""


def keep_key(session: Session, *, till: int, public_key: str, now: datetime) -> int:
    """Answers its number; the same key has the same one. Invalid for all but a P-256 key (SPKI, base64),
    TooManyKeys for a further one where none is left.
    """
    said = b64encode(_key(public_key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    known = session.scalar(select(TillKey.id).where(TillKey.till_id == till, TillKey.public_key == said))
    if known is not None:
        return known
    _must_have_room(session, till)
    row = TillKey(till_id=till, public_key=said, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def must_be_signed(session: Session, *, till: int, key: int, said: str, signature: str) -> None:
    """By a key of this very till, over these very bytes; NotSigned otherwise, and nothing else is told."""
    row = session.get(TillKey, key)
    if row is None or row.till_id != till or not _fits(row.public_key, said.encode(), signature):
        raise NotSigned("This was not signed by this till. It was left out.")


def _must_have_room(session: Session, till: int) -> None:
    """None is ever thrown out for another: what it signed may still be on its way."""
    kept = session.scalar(select(func.count(TillKey.id)).where(TillKey.till_id == till)) or 0
    if kept >= MOST_KEYS:
        raise TooManyKeys(
            f"This till has {MOST_KEYS} keys. Add a new till in the office, and pair this browser with it.",
            most=MOST_KEYS,
        )


def _fits(public_key: str, said: bytes, signature: str) -> bool:
    """As browsers sign (Web Cryptography, 23.3): r and s one after the other."""
    try:
        raw = b64decode(signature, validate=True)
    except ValueError:
        return False
    if len(raw) != 2 * HALF:
        return False
    pair = encode_dss_signature(int.from_bytes(raw[:HALF]), int.from_bytes(raw[HALF:]))
    try:
        _key(public_key).verify(pair, said, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _key(public_key: str) -> EllipticCurvePublicKey:
    try:
        found = load_der_public_key(b64decode(public_key, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, EllipticCurvePublicKey) or not isinstance(found.curve, SECP256R1):
        raise Invalid("`public_key` is a P-256 key: its SPKI in base64.", field="public_key")
    return found
