"""The strip of an Apple pass: 375 x 144 points in three densities (I2, I3)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from PIL import Image

from wallet_service.art.colour import Rgb
from wallet_service.art.frame import STRIP, Frame
from wallet_service.art.paint import paint, png
from wallet_service.art.scene import Scene, scene
from wallet_service.art.shapes import Shape
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress

SCALES = (1, 2, 3)


def strip(progress: Progress, theme: Theme, scale: int) -> bytes:
    """Equal input, equal bytes (ledger invariant 17)."""
    return png(picture(scene(progress, theme, replace(STRIP, scale=scale))))


def picture(drawn: Scene) -> Image.Image:
    canvas = _ground(drawn.frame, drawn.background, drawn.ground).copy()
    paint(canvas, drawn.shapes, drawn.frame.scale)
    return canvas


@lru_cache(maxsize=64)
def _ground(frame: Frame, background: Rgb, shapes: tuple[Shape, ...]) -> Image.Image:
    canvas = Image.new("RGB", (frame.width * frame.scale, frame.height * frame.scale), background)
    paint(canvas, shapes, frame.scale)
    return canvas
