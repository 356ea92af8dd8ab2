"""Draws the code of a card as an SVG picture, or as its plain digits where only QR can be drawn."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import qrcode

QUIET = 2


def draw(barcode: Mapping[str, Any]) -> str:
    if barcode["format"] == "PKBarcodeFormatQR":
        return _qr(barcode["message"].encode(barcode["messageEncoding"]))
    return _words(barcode["format"].removeprefix("PKBarcodeFormat"), barcode["message"])


def _qr(message: bytes) -> str:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET)
    # Digits go in as text, so that the library picks the compact numeric mode.
    code.add_data(message.decode("ascii") if message.isdigit() else message)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )


def _words(form: str, message: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 80" font-family="monospace">'
        '<rect width="240" height="80" fill="#fff"/>'
        f'<text x="120" y="34" text-anchor="middle" font-size="14">{escape(form)}</text>'
        f'<text x="120" y="56" text-anchor="middle" font-size="10">{escape(message)}</text></svg>'
    )
