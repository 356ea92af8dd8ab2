"""A film for Chromium's fake camera: a guest holds a phone over the counter."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.browser.glass import FRAME, Phone, Photograph, blurred, noisy, tilted, turned

WIDTH, HEIGHT = 640, 480
BEFORE, HELD = 5, 20  # frames; the film begins again at its end
CLOSE = 210


def film(path: Path, phone: Phone) -> Path:
    """First nobody is there, then a hand that is not quite still."""
    away = Photograph("nobody", CLOSE, (noisy(0.3),)).taken(Phone(phone.shot, -10_000, 0, phone.side))
    frames = [away] * BEFORE + [_held(phone, number) for number in range(HELD)]
    path.write_bytes(b"".join(_jpeg(frame) for frame in frames))
    return path


def _held(phone: Phone, number: int) -> Image.Image:
    sway = number % 7 - 3
    effects = (turned(8 + sway), tilted(30 + sway, axis=20), blurred(0.8), noisy(0.3, seed=number))
    return Photograph("held", CLOSE + 2 * sway, effects).taken(phone)


def _jpeg(frame: Image.Image) -> bytes:
    left, top = (FRAME - WIDTH) // 2, (FRAME - HEIGHT) // 2
    kept = io.BytesIO()
    frame.crop((left, top, left + WIDTH, top + HEIGHT)).save(kept, "JPEG", quality=80)
    return kept.getvalue()
