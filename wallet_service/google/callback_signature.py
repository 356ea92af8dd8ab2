"""The signatures under a callback: ECDSA over exact strings, each with its length before it (G29, G30)."""

from __future__ import annotations

import base64
import binascii
import struct

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

SENDER = "GooglePayPasses"
PROTOCOL = "ECv2SigningOnly"


def link_of_key(signed_key: str) -> bytes:
    """What a root key signs: that this intermediate key is Google's."""
    return _with_lengths(SENDER, PROTOCOL, signed_key)


def link_of_message(issuer_id: str, signed_message: str) -> bytes:
    """What the intermediate key signs. The recipient is our own setting, never what the message says."""
    return _with_lengths(SENDER, issuer_id, PROTOCOL, signed_message)


def signed_by(key: EllipticCurvePublicKey, signature: str, content: bytes) -> bool:
    try:
        key.verify(_bytes(signature), content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(encoded: str) -> EllipticCurvePublicKey | None:
    """None for everything but a P-256 key."""
    try:
        key = load_der_public_key(_bytes(encoded))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    is_ours = isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return key if is_ours and isinstance(key, EllipticCurvePublicKey) else None


def _with_lengths(*parts: str) -> bytes:
    """Four bytes of length, little end first, counted in bytes of UTF-8."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(struct.pack("<I", len(part)) + part for part in encoded)


def _bytes(text: str) -> bytes:
    """ValueError for what is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
