"""Which code can carry which message (P15, P16)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

QR, AZTEC = "PKBarcodeFormatQR", "PKBarcodeFormatAztec"
PDF417, CODE_128 = "PKBarcodeFormatPDF417", "PKBarcodeFormatCode128"
SQUARE = (QR, AZTEC)
CLASSIC = (QR, AZTEC, PDF417, CODE_128)
LATIN = "iso-8859-1"

CARD_BARCODE: Mapping[str, str] = {
    "format": QR,
    "message": "{{number}}",
    "messageEncoding": LATIN,
    "altText": "{{number_grouped}}",
}


def _latin(most: int) -> Callable[[str], bool]:
    return lambda message: is_latin(message) and len(message) <= most


def _ean_13(message: str) -> bool:
    if not re.fullmatch(r"[0-9]{12,13}", message):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(message[:12]))
    return len(message) == 12 or int(message[12]) == -total % 10


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda message: re.fullmatch(pattern, message) is not None


# Lengths are what a phone's screen still shows sharply; the characters are the codes' own (P15).
FORMATS: Mapping[str, Callable[[str], bool]] = {
    QR: lambda message: len(message.encode("utf-8", "replace")) <= 1_000,
    AZTEC: _latin(1_000),
    PDF417: _latin(700),
    CODE_128: lambda message: message.isascii() and message.isprintable() and len(message) <= 48,
    "PKBarcodeFormatEAN13": _ean_13,
    "PKBarcodeFormatCode39": _matches(r"[0-9A-Z $%*+\-./]{1,40}"),
    "PKBarcodeFormatCodabar": _matches(r"[A-Da-d]?[0-9$+\-./:]{1,40}[A-Da-d]?"),
    "PKBarcodeFormatI2of5": _matches(r"(?:[0-9]{2}){1,20}"),
}


def is_latin(message: str) -> bool:
    try:
        message.encode(LATIN)
    except UnicodeEncodeError:
        return False
    return True


def fits(code: object, message: str) -> bool:
    return isinstance(code, str) and code in FORMATS and bool(message) and FORMATS[code](message)


def drawable(barcodes: list[dict[str, str]], number: str) -> list[dict[str, str]]:
    """Only codes that a phone will draw, rightly encoded; the card number as QR when none is left."""
    if all(code["message"].isascii() and fits(code["format"], code["message"]) for code in barcodes):
        return barcodes
    left = [_encoded(code) for code in barcodes if fits(code["format"], code["message"])]
    if any(code["format"] in CLASSIC for code in left):  # P16
        return left
    return [*left, {"format": QR, "message": number, "messageEncoding": LATIN, "altText": number}]


def _encoded(code: dict[str, str]) -> dict[str, str]:
    return code | {"messageEncoding": LATIN if is_latin(code["message"]) else "utf-8"}
