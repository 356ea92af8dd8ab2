"""Colours as a designer writes them, and how well two of them can be told apart."""

from __future__ import annotations

import re
from typing import NamedTuple

HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
FUNCTION = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")


class Rgb(NamedTuple):
    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK = Rgb(0, 0, 0)
WHITE = Rgb(255, 255, 255)


def colour(text: str) -> Rgb:
    """`rgb(r, g, b)` as Apple writes it, or `#rrggbb` as Google does."""
    if found := HEX.fullmatch(text.strip()):
        return Rgb(*(int(part, 16) for part in found.groups()))
    if found := FUNCTION.fullmatch(text.strip()):
        parts = [int(part) for part in found.groups()]
        if max(parts) <= 255:
            return Rgb(*parts)
    raise ValueError("a colour is written rgb(r, g, b) with parts from 0 to 255, or #rrggbb")


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG's ratio, from 1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(shade: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in shade)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`one` with this share of `other` stirred in."""
    return Rgb(*(round(a + (b - a) * share) for a, b in zip(one, other, strict=True)))


def apart(shade: Rgb, *, ground: Rgb, ratio: float, towards: Rgb) -> Rgb:
    """`shade`, moved towards black or white only as far as it must to reach `ratio` on `ground`."""
    steps = (mix(shade, towards, step / 64) for step in range(65))
    return next((moved for moved in steps if contrast(moved, ground) >= ratio), towards)
