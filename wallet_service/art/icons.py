"""The reward at the end of the bar, drawn around 0, 0 in a square of 40 points."""

from __future__ import annotations

import math
from itertools import pairwise

from wallet_service.art.colour import Rgb
from wallet_service.art.shapes import Path, RoundRect, Shape, disc, placed
from wallet_service.art.theme import Icon


def icon(kind: Icon, ink: Rgb, ground: Rgb, *, alive: bool) -> tuple[Shape, ...]:
    """`alive` is the picture of a reward that was reached: it differs in shape, not in colour alone (D2)."""
    drawn = _drawn(kind, ink, ground)
    if not alive:
        return drawn
    if kind is Icon.CUP:
        return drawn + _steam(ink)
    return (*drawn, *sparkle(-17, -15, 4.5, ink), *sparkle(18.5, -10, 3.5, ink))


def _drawn(kind: Icon, ink: Rgb, ground: Rgb) -> tuple[Shape, ...]:
    match kind:
        case Icon.CUP:
            return _cup(ink)
        case Icon.GIFT:
            return _gift(ink, ground)
        case Icon.PERCENT:
            return _percent(ink, ground)
        case Icon.STAR:
            return _star(ink)


def sparkle(x: float, y: float, radius: float, ink: Rgb) -> tuple[Shape, ...]:
    """A star of four soft points."""
    near = 0.14
    star = Path(
        (0, -1),
        (
            (near, -near * 1.4, near * 1.4, -near, 1, 0),
            (near * 1.4, near, near, near * 1.4, 0, 1),
            (-near, near * 1.4, -near * 1.4, near, -1, 0),
            (-near * 1.4, -near, -near, -near * 1.4, 0, -1),
        ),
        ink,
    )
    return placed((star,), x, y, radius)


def _cup(ink: Rgb) -> tuple[Shape, ...]:
    bowl = Path(
        (-17, -7),
        ((10, -7), (10, 2), (10, 11, 4, 15.5, -3.5, 15.5), (-11, 15.5, -17, 11, -17, 2)),
        ink,
    )
    handle = Path((9.5, -3), ((20, -5.5, 20, 8.5, 7.5, 7.5),), ink, stroke=3.2)
    saucer = RoundRect(-15, 18.5, 23, 3.2, 1.6, ink)
    return bowl, handle, saucer


def _steam(ink: Rgb) -> tuple[Shape, ...]:
    return tuple(
        Path((x, -11.5), ((x - 4.5, -15, x + 4.5, -18, x, -22),), ink, stroke=2.6) for x in (-10.0, -3.5, 3.0)
    )


def _gift(ink: Rgb, ground: Rgb) -> tuple[Shape, ...]:
    loops = tuple(
        Path((0, -7), ((side * 3, -18, side * 15, -17, side * 11, -9.5), (0, -7)), ink, stroke=2.6)
        for side in (-1, 1)
    )
    box = (RoundRect(-16, -7, 32, 8, 2, ink), RoundRect(-13.5, 2.5, 27, 15, 2, ink))
    ribbon = RoundRect(-2, -7, 4, 24.5, 0, ground)
    return *loops, *box, ribbon


def _percent(ink: Rgb, ground: Rgb) -> tuple[Shape, ...]:
    rings = (disc(-5, -5, 3.6, ground, 2.2), disc(5, 5, 3.6, ground, 2.2))
    slash = Path((6, -6.5), ((-6, 6.5),), ground, stroke=2.4)
    return _rosette(ink), *rings, slash


def _rosette(ink: Rgb) -> Path:
    """A seal with twelve waves."""
    points = [_polar(17.5 if turn % 2 else 15, turn / 24) for turn in range(25)]
    steps = [_bulge(a, b) for a, b in pairwise(points)]
    return Path(points[0], tuple(steps), ink)


def _bulge(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, ...]:
    return (
        a[0] * 0.6 + b[0] * 0.4,
        a[1] * 0.6 + b[1] * 0.4,
        a[0] * 0.4 + b[0] * 0.6,
        a[1] * 0.4 + b[1] * 0.6,
        *b,
    )


def _polar(radius: float, turn: float) -> tuple[float, float]:
    angle = math.tau * turn
    return round(radius * math.sin(angle), 3), round(-radius * math.cos(angle), 3)


def _star(ink: Rgb) -> tuple[Shape, ...]:
    points = [_polar(16 if turn % 2 == 0 else 7.6, turn / 10) for turn in range(11)]
    solid = Path(points[0], tuple(points[1:]), ink)
    rounded = Path(points[0], tuple(points[1:]), ink, stroke=3.4)
    return solid, rounded
