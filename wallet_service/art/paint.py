"""Shapes to pixels: each becomes a small smooth mask, and only its own box is ever drawn large."""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw

from wallet_service.art.shapes import Path, RoundRect, Shape

SMOOTH = 4  # each pixel's edge is weighed by 4 x 4 samples
SPAN = 8  # pixels between two points of a flattened curve

Box: TypeAlias = tuple[int, int, int, int]
Point: TypeAlias = tuple[float, float]


def paint(picture: Image.Image, shapes: Iterable[Shape], scale: float) -> None:
    """Draw in order, `scale` pixels to a point."""
    for shape in shapes:
        left, top, mask = _mask(shape, scale)
        right, bottom = left + mask.width, top + mask.height
        picture.paste(shape.colour, (left, top, right, bottom), mask)


def png(picture: Image.Image) -> bytes:
    """I3: 8 bits, no interlace, and no time, name or comment in it. Runs are all that flat pictures
    need: as small as a long search for matches, three times as fast, and the same on every processor."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6, compress_type=zlib.Z_RLE)
    return out.getvalue()


def _mask(shape: Shape, scale: float) -> tuple[int, int, Image.Image]:
    if isinstance(shape, RoundRect):
        return _round_rect(shape, scale)
    points = list(_flat(shape, scale))
    left, top, right, bottom = _box(points, shape.stroke * scale / 2)
    inside = tuple((x - left, y - top) for x, y in points)
    return left, top, _path_mask(right - left, bottom - top, inside, shape.stroke * scale)


def _round_rect(shape: RoundRect, scale: float) -> tuple[int, int, Image.Image]:
    x, y, width, height = (part * scale for part in (shape.x, shape.y, shape.width, shape.height))
    left, top, right, bottom = _box([(x, y), (x + width, y + height)], 0)
    mask = _round_mask(
        (right - left, bottom - top),
        (round(x - left, 3), round(y - top, 3), round(width, 3), round(height, 3)),
        shape.radius * scale,
        shape.stroke * scale,
    )
    if shape.within is None:
        return left, top, mask
    return left, top, ImageChops.darker(mask, _seen_through(shape.within, scale, (left, top, right, bottom)))


def _seen_through(window: RoundRect, scale: float, box: Box) -> Image.Image:
    left, top, mask = _round_rect(window, scale)
    return mask.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))


def _box(points: Iterable[Point], margin: float) -> Box:
    """The whole pixels that hold all of it; a hair of floating point does not open another pixel."""
    across, down = zip(*points, strict=True)
    return (
        math.floor(min(across) - margin + 1e-6),
        math.floor(min(down) - margin + 1e-6),
        math.ceil(max(across) + margin - 1e-6),
        math.ceil(max(down) + margin - 1e-6),
    )


@lru_cache(maxsize=512)
def _round_mask(
    size: tuple[int, int], box: tuple[float, float, float, float], radius: float, stroke: float
) -> Image.Image:
    """Kept, because the cells of a bar are all alike and the bars of a program share their track."""
    large = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH))
    x, y, width, height = (part * SMOOTH for part in box)
    edge = (round(x), round(y), round(x + width) - 1, round(y + height) - 1)
    radius = min(radius * SMOOTH, width / 2, height / 2)
    draw = ImageDraw.Draw(large)
    if stroke:
        draw.rounded_rectangle(edge, radius, outline=255, width=max(round(stroke * SMOOTH), 1))
    else:
        draw.rounded_rectangle(edge, radius, fill=255)
    return large.reduce(SMOOTH)


@lru_cache(maxsize=256)
def _path_mask(width: int, height: int, points: tuple[Point, ...], stroke: float) -> Image.Image:
    large = Image.new("L", (width * SMOOTH, height * SMOOTH))
    dots = [(x * SMOOTH, y * SMOOTH) for x, y in points]
    draw = ImageDraw.Draw(large)
    if stroke:
        _line(draw, dots, stroke * SMOOTH)
    else:
        draw.polygon(dots, fill=255)
    return large.reduce(SMOOTH)


def _line(draw: ImageDraw.ImageDraw, dots: list[Point], width: float) -> None:
    draw.line(dots, fill=255, width=round(width))
    for x, y in dots:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)


def _flat(path: Path, scale: float) -> Iterator[Point]:
    at = (path.start[0] * scale, path.start[1] * scale)
    yield at
    for step in path.steps:
        there = [part * scale for part in step]
        if len(there) == 6:
            yield from _curve(at, there)
        else:
            yield (there[0], there[1])
        at = (there[-2], there[-1])


def _curve(start: Point, step: list[float]) -> Iterator[Point]:
    points = (start, step[0:2], step[2:4], step[4:6])
    length = sum(math.dist(a, b) for a, b in pairwise(points))
    parts = max(round(length / SPAN), 12)
    for part in range(1, parts + 1):
        t = part / parts
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        yield (
            sum(weight * point[0] for weight, point in zip(weights, points, strict=True)),
            sum(weight * point[1] for weight, point in zip(weights, points, strict=True)),
        )
