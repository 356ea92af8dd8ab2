"""A code that turns every half minute, so that a picture of a card is soon worth nothing (RFC 6238)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from wallet_service.domain.identifiers import NUMBER_LENGTH, without_spaces

PERIOD = 30  # seconds
DIGITS = 8
DRIFT = (-1, 0, 1)  # a clock that is a little off, and the walk from the phone to the scanner


@dataclass(frozen=True)
class Scan:
    """A card number with the code that stood behind it. Digits only: every scanner can type them."""

    number: str
    code: str


def scan_of(text: str) -> Scan | None:
    """None for whatever is not a card number with a code."""
    digits = without_spaces(text)
    if not (digits.isascii() and digits.isdigit()) or len(digits) != NUMBER_LENGTH + DIGITS:
        return None
    return Scan(digits[:NUMBER_LENGTH], digits[NUMBER_LENGTH:])


def key_of(secret: str, serial: str) -> bytes:
    """A card's own key, out of the service's: nothing to keep, nothing to lose."""
    return hmac.digest(secret.encode(), f"rotating code {serial}".encode(), "sha256")


def code_at(key: bytes, now: datetime) -> str:
    return _code(key, _step(now))


def is_live(key: bytes, code: str, now: datetime) -> bool:
    """Of this half minute, or of the one before or after. Each is compared, whichever fits."""
    fits = [hmac.compare_digest(_code(key, _step(now) + drift), code) for drift in DRIFT]
    return any(fits)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // PERIOD


def _code(key: bytes, step: int) -> str:
    """RFC 4226, 5.3, with SHA-1: the only one that Google's phones count with."""
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
