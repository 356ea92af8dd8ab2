"""Serial numbers, card numbers and page tokens out of random bytes."""

from __future__ import annotations

import re
import uuid

from wallet_service.domain.errors import BadCardNumber

VERSION = "1"
NUMBER_LENGTH = 19
ENTROPY_BYTES = 16


def serial_number(entropy: bytes) -> str:
    """A version 4 UUID: unguessable, never used again (P3)."""
    return str(uuid.UUID(bytes=entropy[:ENTROPY_BYTES], version=4))


def card_number(entropy: bytes) -> str:
    """19 digits: version, 16 random, 2 check digits (ISO 7064 mod 97-10). The coarsest QR there is."""
    body = f"{VERSION}{int.from_bytes(entropy[:ENTROPY_BYTES]) % 10**16:016d}"
    return body + _check_digits(body)


def parse_card_number(text: str) -> str:
    """The 19 digits that somebody typed or scanned, grouped or not; BadCardNumber says what is wrong.

    The check digits catch every single wrong digit and every swap of neighbours.
    """
    digits = without_spaces(text)
    if not (digits.isascii() and digits.isdigit()):
        raise BadCardNumber("A card number has digits only. Scan the card again, or type its 19 digits.")
    if len(digits) != NUMBER_LENGTH:
        raise BadCardNumber(f"A card number has 19 digits, this has {len(digits)}.", digits=len(digits))
    if digits[0] != VERSION or digits[-2:] != _check_digits(digits[:-2]):
        raise BadCardNumber(
            "A digit of the card number is wrong. Compare it with the card and type it again."
        )
    return digits


def without_spaces(text: str) -> str:
    """As typed or read aloud, without what groups the digits."""
    return re.sub(r"[\s\-\u00a0\u2009\u202f]", "", text)


def grouped(number: str) -> str:
    """4-4-4-4-3, for reading aloud and typing."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"
