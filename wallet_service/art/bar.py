"""The bar itself: cells for stamps, one line for points, a single whole when the reward is ready."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wallet_service.art.colour import Rgb
from wallet_service.art.frame import Frame
from wallet_service.art.icons import sparkle
from wallet_service.art.shapes import Path, RoundRect, Shape, disc, placed
from wallet_service.art.theme import BarStyle, Theme
from wallet_service.domain.progress import Progress

MOST_CELLS = 12  # D7
LEFT, RIGHT = 16, 59  # points of a canvas 375 wide: the margin, and the room for the reward
HEIGHT, GAP = 36, 3  # the bar, and what lies between its cells
LEAST = 0.02  # D3: what the first purchase shows at least


@dataclass(frozen=True)
class Bar:
    """The measured bar: where it lies and how far each part of it reaches, in points."""

    frame: Frame
    theme: Theme
    value: int
    goal: int
    endowed: int
    gained: int
    stamps: bool

    @property
    def box(self) -> RoundRect:
        unit, snap = self.frame.unit, self.frame.snap
        x, height = snap(LEFT * unit), snap(HEIGHT * unit)
        width = (
            -snap(RIGHT * unit - self.frame.width) - x
        )  # D1: up to the next pixel, never below four fifths
        return RoundRect(
            x, snap((self.frame.height - height) / 2), width, height, height / 2, self.theme.track
        )

    @property
    def ready(self) -> bool:
        return self.value >= self.goal

    @property
    def near(self) -> bool:
        return self.value * 5 >= self.goal * 4

    @property
    def tone(self) -> Rgb:
        """D9: the last fifth of the road is stronger."""
        return self.theme.strong if self.near else self.theme.fill


def measured(progress: Progress, theme: Theme, frame: Frame) -> Bar:
    """Whatever the ledger says, a bar is between empty and full, and its parts within its value."""
    goal = max(progress.goal, 1)
    value = min(max(progress.value, 0), goal) if progress.goal > 0 else goal
    endowed = min(max(progress.endowed, 0), value)
    gained = min(max(progress.gained, 0), value - endowed)
    return Bar(frame, theme, value, goal, endowed, gained, stamps=progress.cells)


def parts(bar: Bar) -> tuple[Shape, ...]:
    if bar.ready:
        return _full(bar)
    return _cells(bar) if _in_cells(bar) else _line(bar)


def _in_cells(bar: Bar) -> bool:
    wanted = bar.theme.style is BarStyle.CELLS or (bar.theme.style is BarStyle.AUTO and bar.stamps)
    return wanted and bar.goal <= MOST_CELLS


def _full(bar: Bar) -> tuple[Shape, ...]:
    """Ready: the pieces have become one, with a tick where the reward begins."""
    box, unit = bar.box, bar.frame.unit
    tick = Path((-7, 0.5), ((-2, 5.5), (7.5, -5)), bar.theme.background, stroke=3.4)
    whole = _reach(bar, box.width, bar.theme.strong)
    return whole, *placed((tick,), box.x + box.width - box.height * 0.62, box.y + box.height / 2, unit)


def _cells(bar: Bar) -> tuple[Shape, ...]:
    return tuple(shape for place in range(bar.goal) for shape in _cell(bar, place))


def _cell(bar: Bar, place: int) -> tuple[Shape, ...]:
    """Each kind of cell has its own shape besides its own colour: plain, with a star, ringed, empty."""
    theme = bar.theme
    if place < bar.endowed:
        return _solid(bar, place, theme.endowed), *_gift_mark(bar, _solid(bar, place, theme.endowed))
    if place < bar.value - bar.gained:
        return (_solid(bar, place, bar.tone),)
    if place < bar.value:
        return _ringed(bar, place)
    return (_solid(bar, place, theme.track),)


def _solid(bar: Bar, place: int, colour: Rgb) -> RoundRect:
    """Cells share the bar's width to the pixel: their edges are rounded from the whole, never added up."""
    box, snap = bar.box, bar.frame.snap
    gap = snap(GAP * bar.frame.unit)
    left = snap((box.width + gap) * place / bar.goal)
    right = snap((box.width + gap) * (place + 1) / bar.goal) - gap
    radius = min(bar.theme.radius * bar.frame.unit, (right - left) / 2)
    return RoundRect(box.x + left, box.y, right - left, box.height, radius, colour)


def _gift_mark(bar: Bar, cell: RoundRect) -> tuple[Shape, ...]:
    """D4: a little star says that this one was a gift."""
    size = min(6 * bar.frame.unit, cell.width * 0.36)
    return sparkle(cell.x + cell.width / 2, cell.y + cell.height / 2, size, bar.theme.background)


def _ringed(bar: Bar, place: int) -> tuple[Shape, ...]:
    """D5: a ring around a smaller cell, as if the stamp was still wet."""
    unit, snap = bar.frame.unit, bar.frame.snap
    outer = _solid(bar, place, bar.theme.gained)
    edge, inset = snap(2 * unit), snap(4 * unit)
    ring = RoundRect(outer.x, outer.y, outer.width, outer.height, outer.radius, outer.colour, stroke=edge)
    inner = RoundRect(
        outer.x + inset,
        outer.y + inset,
        outer.width - 2 * inset,
        outer.height - 2 * inset,
        max(outer.radius - inset, 1),
        outer.colour,
    )
    return ring, inner


def _line(bar: Bar) -> tuple[Shape, ...]:
    """Laid like tiles from the tip back to the start, each over the one before, with a thin joint."""
    tip, start, given = _edges(bar)
    tiles = [(tip, bar.theme.gained), (start, bar.tone), (given, bar.theme.endowed)]
    laid = [shape for reach, colour in _seen(tiles) for shape in _tile(bar, reach, colour, tip)]
    return bar.box, *laid, *_marks(bar, tip, start, given)


def _seen(tiles: list[tuple[float, Rgb]]) -> list[tuple[float, Rgb]]:
    """A tile of which nothing shows is not laid: an empty one, or one wholly under the next."""
    after = [reach for reach, _ in tiles[1:]] + [0.0]
    return [tile for tile, hidden in zip(tiles, after, strict=True) if tile[0] > hidden]


def _tile(bar: Bar, reach: float, colour: Rgb, tip: float) -> tuple[Shape, ...]:
    tile = _reach(bar, reach, colour)
    if reach == tip:
        return (tile,)
    joint = bar.frame.snap(1.5 * bar.frame.unit)
    return _reach(bar, reach + joint, bar.theme.background), tile


def _edges(bar: Bar) -> tuple[float, float, float]:
    """Where the tip is, where the newest part begins, and where the given part ends. The tip is exact;
    behind it every part that exists keeps enough room to be seen.
    """
    tip, least = _shown(bar, bar.value), _least(bar)
    start = min(_shown(bar, bar.value - bar.gained), tip - least) if bar.gained else tip
    earned_before = bar.value - bar.gained > bar.endowed
    given = min(_shown(bar, bar.endowed), start - least if earned_before else start)
    return tip, bar.frame.snap(max(start, 0)), bar.frame.snap(max(given, 0))


def _shown(bar: Bar, points: int) -> float:
    """D3: the exact share, down to the pixel; something from the first purchase, the end only when earned."""
    if not points:
        return 0.0
    width, pixel = bar.box.width, 1 / bar.frame.scale
    exact = bar.frame.snap(width * points / bar.goal)
    return min(max(exact, _least(bar)), width - pixel)


def _least(bar: Bar) -> float:
    return math.ceil(bar.box.width * LEAST * bar.frame.scale) / bar.frame.scale


def _reach(bar: Bar, reach: float, colour: Rgb) -> RoundRect:
    """From the left end to `reach`, with a round tip; one shorter than its tip is seen through the track."""
    box = bar.box
    if reach >= box.height:
        return RoundRect(box.x, box.y, min(reach, box.width), box.height, box.radius, colour)
    return RoundRect(
        box.x + reach - box.height, box.y, box.height, box.height, box.radius, colour, within=box
    )


def _marks(bar: Bar, tip: float, start: float, given: float) -> tuple[Shape, ...]:
    """The cues that are no colours: a star on what was given, a ring on what is new, where there is room."""
    box, unit = bar.box, bar.frame.unit
    middle, ink = box.y + box.height / 2, bar.theme.background
    marks: tuple[Shape, ...] = ()
    if given >= 20 * unit:
        marks += sparkle(box.x + given / 2, middle, 6 * unit, ink)
    if tip - start >= 14 * unit:
        marks += (disc(box.x + tip - box.height * 0.36, middle, 4 * unit, ink, 2 * unit),)
    return marks
