"""The sheet beside the till: a promise, the bar that has already begun, and a code large enough to scan."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw

from wallet_service.art.colour import WHITE, Rgb
from wallet_service.art.frame import Frame
from wallet_service.art.lettering import Weight, fitted
from wallet_service.art.paint import paint, png
from wallet_service.art.scene import scene
from wallet_service.art.shapes import RoundRect, Shape, placed
from wallet_service.art.symbol import symbol
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress

Form = Literal["png", "pdf"]

WIDTH, HEIGHT = 595, 842  # A4 in points
MARGIN = 48
INK = 16, 361  # from where to where a bar and its reward reach on a strip
DPI = {"png": 150, "pdf": 300}
ALWAYS = time.gmtime(0)  # the same poster is the same file, whenever it is printed
HINT = {
    "ru": "Наведите камеру телефона",
    "en": "Point your phone's camera here",
}


def poster(
    *,
    title: str,
    promise: str,
    url: str,
    theme: Theme,
    bar: Progress,
    language: str,
    form: Form = "png",
) -> bytes:
    """A4, as PNG at 150 or PDF at 300 dots per inch."""
    sheet = _Sheet(theme, DPI[form])
    sheet.title(title)
    sheet.promise(promise)
    sheet.bar(bar)
    sheet.code(url, HINT.get(language, HINT["en"]))
    return png(sheet.canvas) if form == "png" else _pdf(sheet.canvas, title)


def _pdf(canvas: Image.Image, title: str) -> bytes:
    out = io.BytesIO()
    canvas.save(
        out, "PDF", resolution=DPI["pdf"], quality=92, title=title, creationDate=ALWAYS, modDate=ALWAYS
    )
    return out.getvalue()


@dataclass(frozen=True)
class _Line:
    """Where a text stands: the middle of its first line, in points."""

    top: float
    size: int
    least: int
    lines: int
    weight: Weight
    colour: Rgb


class _Sheet:
    """A canvas that is measured in points and painted in pixels."""

    def __init__(self, theme: Theme, dpi: int) -> None:
        self.theme = theme
        self.scale = dpi / 72
        size = (round(WIDTH * self.scale), round(HEIGHT * self.scale))
        self.canvas = Image.new("RGB", size, theme.background)
        self._ground()

    def _ground(self) -> None:
        drawn = scene(Progress(0, 1), self.theme, Frame(WIDTH, HEIGHT, HEIGHT))
        paint(self.canvas, drawn.ground, self.scale)

    def title(self, text: str) -> None:
        self._write(text, _Line(72, 26, 14, 2, Weight.MEDIUM, self.theme.label))

    def promise(self, text: str) -> None:
        self._write(text, _Line(138, 52, 26, 3, Weight.BOLD, self.theme.foreground))

    def bar(self, progress: Progress) -> None:
        """The very bar of the card, as wide as the sheet's text."""
        frame = Frame(375, 98, 98, scale=8)
        size = (WIDTH - 2 * MARGIN) / (INK[1] - INK[0])
        shapes = scene(progress, self.theme, frame).shapes
        self._paint(placed(shapes, MARGIN - INK[0] * size, 268, size))

    def code(self, url: str, hint: str) -> None:
        """Dark on white with its quiet zone, whatever the colours of the brand."""
        side = 304.0
        left, top = (WIDTH - side) / 2, 408.0
        self._paint((RoundRect(left, top, side, side, 24, WHITE),))
        drawn = symbol(url, round((side - 12) * self.scale), self.theme.background)
        middle = (round(WIDTH / 2 * self.scale), round((top + side / 2) * self.scale))
        self.canvas.paste(drawn, (middle[0] - drawn.width // 2, middle[1] - drawn.height // 2))
        self._write(hint, _Line(744, 22, 14, 1, Weight.MEDIUM, self.theme.foreground))
        self._write(_spoken(url), _Line(780, 15, 8, 2, Weight.REGULAR, self.theme.label))

    def _write(self, text: str, line: _Line) -> None:
        face, rows = fitted(
            text,
            line.weight,
            size=round(line.size * self.scale),
            least=round(line.least * self.scale),
            width=(WIDTH - 2 * MARGIN) * self.scale,
            lines=line.lines,
        )
        draw, step = ImageDraw.Draw(self.canvas), face.size * 1.16
        for order, row in enumerate(rows):
            place = (WIDTH / 2 * self.scale, line.top * self.scale + order * step)
            draw.text(place, row, font=face, fill=line.colour, anchor="mm")

    def _paint(self, shapes: tuple[Shape, ...]) -> None:
        paint(self.canvas, shapes, self.scale)


def _spoken(url: str) -> str:
    """As people type it."""
    return url.split("://", 1)[-1].rstrip("/")
