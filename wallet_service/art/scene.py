"""What stands where: a card's progress as shapes in points, before anybody draws them (D1 to D12)."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_service.art.bar import Bar, measured, parts
from wallet_service.art.colour import Rgb
from wallet_service.art.frame import STRIP, Frame
from wallet_service.art.icons import icon
from wallet_service.art.shapes import Path, Shape, placed
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress


@dataclass(frozen=True)
class Scene:
    """`ground` is the same for every card of a theme, `shapes` for every card in one state."""

    frame: Frame
    background: Rgb
    ground: tuple[Shape, ...]
    shapes: tuple[Shape, ...]


def scene(progress: Progress, theme: Theme, frame: Frame = STRIP) -> Scene:
    bar = measured(progress, theme, frame)
    return Scene(frame, theme.background, _ground(theme, frame), parts(bar) + _reward(bar))


def _reward(bar: Bar) -> tuple[Shape, ...]:
    """D2: grey until it is reached."""
    unit, frame = bar.frame.unit, bar.frame
    ink = bar.theme.reward if bar.ready else bar.theme.grey
    drawn = icon(bar.theme.icon, ink, bar.theme.background, alive=bar.ready)
    return placed(drawn, frame.width - 33 * unit, frame.height / 2, unit)


def _ground(theme: Theme, frame: Frame) -> tuple[Shape, ...]:
    """A quiet ribbon of steam across the ground: all that a phone may crop away."""
    if not theme.swell:
        return ()
    upper = ((0, 0.62), (0.22, 0.40, 0.36, 1.16, 0.60, 0.80), (0.76, 0.56, 0.84, 0.10, 1, 0.16))
    lower = ((1, 0.30), (0.86, 0.30, 0.80, 0.72, 0.62, 0.90), (0.36, 1.14, 0.24, 0.62, 0, 0.84))
    start, *steps = (_stretched(step, frame) for step in upper + lower)
    return (Path((start[0], start[1]), tuple(steps), theme.shade),)


def _stretched(step: tuple[float, ...], frame: Frame) -> tuple[float, ...]:
    return tuple(part * (frame.height if odd % 2 else frame.width) for odd, part in enumerate(step))
