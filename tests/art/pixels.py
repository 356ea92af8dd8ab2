"""Looking at pictures the way a phone and an eye do: pixel by pixel."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageChops

from wallet_service.art.colour import Rgb
from wallet_service.art.frame import STRIP
from wallet_service.art.scene import scene
from wallet_service.art.strip import picture as strip_picture
from wallet_service.art.strip import strip
from wallet_service.art.theme import Theme, load_theme
from wallet_service.domain.progress import Progress

TEMPLATE = Path(__file__).parents[2] / "pass_templates" / "coffee.pass"
COFFEE = load_theme(TEMPLATE)
BAR_LEFT, BAR_RIGHT, MIDDLE = 16, 316, 72  # points: where the tests look for the bar
UPPER = 57  # a row above the marks and below the corners of cells


def stamps(value: int, goal: int = 12, *, endowed: int = 0, gained: int = 0) -> Progress:
    return Progress(value, goal, endowed, gained, cells=True)


def points(value: int, goal: int = 100, *, endowed: int = 0, gained: int = 0) -> Progress:
    return Progress(value, goal, endowed, gained)


def picture(progress: Progress, scale: int = 1, theme: Theme = COFFEE) -> Image.Image:
    return read(strip(progress, theme, scale))


def read(content: bytes) -> Image.Image:
    shown = Image.open(io.BytesIO(content))
    shown.load()
    return shown


def at(shown: Image.Image, x: float, y: float) -> Rgb:
    pixel = shown.getpixel((round(x), round(y)))
    assert isinstance(pixel, tuple)
    return Rgb(*(int(part) for part in pixel[:3]))


def row(shown: Image.Image, scale: int) -> list[Rgb]:
    """The bar's middle line from its left to its right end, pixel by pixel."""
    return [at(shown, x, MIDDLE * scale) for x in range(BAR_LEFT * scale, BAR_RIGHT * scale)]


def filled(shown: Image.Image, scale: int = 1, theme: Theme = COFFEE) -> int:
    """Pixels of the middle line that are not the empty track."""
    return sum(pixel != theme.track for pixel in row(shown, scale))


def meaningful(shown: Image.Image, scale: int, theme: Theme = COFFEE) -> tuple[int, int, int, int]:
    """The box of everything that is not the theme's bare ground."""
    box = ImageChops.difference(shown, bare(scale, theme)).getbbox()
    assert box is not None
    return box


def bare(scale: int, theme: Theme = COFFEE) -> Image.Image:
    """The ground with nothing on it."""
    whole = scene(Progress(0, 1), theme, replace(STRIP, scale=scale))
    return strip_picture(replace(whole, shapes=()))


def cropped(shown: Image.Image, height: int, scale: int) -> Image.Image:
    """As a phone with a lower strip cuts it: the middle is kept."""
    top = (STRIP.height - height) * scale // 2
    return shown.crop((0, top, shown.width, top + height * scale))
