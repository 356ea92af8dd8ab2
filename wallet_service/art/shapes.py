"""The few shapes that every picture of ours is made of, in points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from wallet_service.art.colour import Rgb

Step: TypeAlias = tuple[float, ...]  # two numbers: a line to there; six: a curve with two handles


@dataclass(frozen=True)
class RoundRect:
    """`stroke` draws a border inside the edge in place of a solid; `within` cuts off what lies outside."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    colour: Rgb
    stroke: float = 0
    within: RoundRect | None = None


@dataclass(frozen=True)
class Path:
    """Lines and curves from `start`; solid, or a line `stroke` wide with round ends."""

    start: tuple[float, float]
    steps: tuple[Step, ...]
    colour: Rgb
    stroke: float = 0


Shape: TypeAlias = RoundRect | Path


def disc(x: float, y: float, radius: float, colour: Rgb, stroke: float = 0) -> RoundRect:
    return RoundRect(x - radius, y - radius, radius * 2, radius * 2, radius, colour, stroke)


def placed(shapes: tuple[Shape, ...], x: float, y: float, size: float) -> tuple[Shape, ...]:
    """Shapes drawn around 0, 0, made `size` times as large and moved to x, y."""
    return tuple(_placed(shape, x, y, size) for shape in shapes)


def _placed(shape: Shape, x: float, y: float, size: float) -> Shape:
    if isinstance(shape, RoundRect):
        return _placed_rect(shape, x, y, size)
    return replace(
        shape,
        start=(x + shape.start[0] * size, y + shape.start[1] * size),
        steps=tuple(_moved(step, x, y, size) for step in shape.steps),
        stroke=shape.stroke * size,
    )


def _placed_rect(shape: RoundRect, x: float, y: float, size: float) -> RoundRect:
    return replace(
        shape,
        x=x + shape.x * size,
        y=y + shape.y * size,
        width=shape.width * size,
        height=shape.height * size,
        radius=shape.radius * size,
        stroke=shape.stroke * size,
        within=_placed_rect(shape.within, x, y, size) if shape.within else None,
    )


def _moved(step: Step, x: float, y: float, size: float) -> Step:
    return tuple((y if odd % 2 else x) + value * size for odd, value in enumerate(step))
