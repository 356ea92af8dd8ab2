"""A program's round emblem for Google Wallet, drawn from its theme where a designer gave none."""

from __future__ import annotations

from PIL import Image

from wallet_service.art.icons import icon
from wallet_service.art.paint import paint, png
from wallet_service.art.shapes import placed
from wallet_service.art.theme import Theme

SIDE = 660
UNIT = (
    7.5  # no icon reaches further than 30 units: all of it lies in the circle that Google cuts out, less 15 %
)


def emblem(theme: Theme) -> bytes:
    """The reward in full colour on the card's ground."""
    canvas = Image.new("RGB", (SIDE * 2, SIDE * 2), theme.background)
    drawn = icon(theme.icon, theme.reward, theme.background, alive=True)
    paint(canvas, placed(drawn, SIDE / 2, SIDE / 2, UNIT), 2)
    return png(canvas.reduce(2))
