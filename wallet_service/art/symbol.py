"""A QR symbol in whole pixels with its quiet zone."""

from __future__ import annotations

from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

from wallet_service.art.colour import BLACK, WHITE, Rgb, contrast

QUIET = 4  # modules, as the standard asks
READABLE = 7.0


def symbol(message: str, size: int, ink: Rgb = BLACK) -> Image.Image:
    """At most `size` pixels wide: every module has the same whole number of pixels, or scanners stumble."""
    rows = _modules(message)
    pixel = max(size // len(rows), 1)
    dark = ink if contrast(ink, WHITE) >= READABLE else BLACK
    drawn = Image.new("RGB", (len(rows), len(rows)), WHITE)
    drawn.putdata([dark if cell else WHITE for row in rows for cell in row])
    return drawn.resize((len(rows) * pixel, len(rows) * pixel), Image.Resampling.NEAREST)


def _modules(message: str) -> list[list[bool]]:
    """Level Q: a quarter of the symbol may be scratched, wet or torn."""
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET)
    code.add_data(message)
    code.make(fit=True)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]
