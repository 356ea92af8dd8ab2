"""The same scene as a small inline `<svg>` for web pages: sharp at any size, and it can be read aloud."""

from __future__ import annotations

from html import escape

from wallet_service.art.frame import STRIP, Frame
from wallet_service.art.scene import scene
from wallet_service.art.shapes import Path, RoundRect, Shape
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress

BAND = Frame(STRIP.width, STRIP.band, STRIP.band, scale=8)  # a screen has no pixel of ours to snap to


def svg(
    progress: Progress,
    theme: Theme,
    *,
    title: str | None = None,
    desc: str | None = None,
    ground: bool = True,
) -> str:
    """As high as the strip's band; without `ground` the page's own colour shows through."""
    drawn = scene(progress, theme, BAND)
    box = f"0 0 {BAND.width} {BAND.height}"
    paper = f'<path fill="{theme.background.hex}" d="M0 0h{BAND.width}v{BAND.height}H0z"/>'
    back = paper if ground else ""
    shapes = (*drawn.ground, *drawn.shapes) if ground else drawn.shapes
    body = back + _clips(shapes) + "".join(_element(shape) for shape in shapes)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"{_told(title, desc)}{body}</svg>'


def _told(title: str | None, desc: str | None) -> str:
    """An svg with a title is a picture with a name; without one it is decoration beside the words."""
    if not title:
        return ' aria-hidden="true">'
    described = f"<desc>{escape(desc)}</desc>" if desc else ""
    return f' role="img"><title>{escape(title)}</title>{described}'


def _clips(shapes: tuple[Shape, ...]) -> str:
    """Every clipped shape of a scene is seen through the same track."""
    windows = {shape.within for shape in shapes if isinstance(shape, RoundRect) and shape.within}
    return "".join(f'<clipPath id="t">{_rect(window, "")}</clipPath>' for window in windows)


def _element(shape: Shape) -> str:
    if isinstance(shape, Path):
        return f'<path {_ink(shape)} d="{_route(shape)}"/>'
    clip = ' clip-path="url(#t)"' if shape.within else ""
    return _rect(shape, f" {_ink(shape)}{clip}")


def _rect(shape: RoundRect, rest: str) -> str:
    """SVG strokes along the edge, we inside of it."""
    inset = shape.stroke / 2
    x, y, width, height = (
        _short(part)
        for part in (
            shape.x + inset,
            shape.y + inset,
            shape.width - shape.stroke,
            shape.height - shape.stroke,
        )
    )
    corner = _short(max(min(shape.radius, shape.width / 2, shape.height / 2) - inset, 0))
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}"{rest}/>'


def _ink(shape: Shape) -> str:
    if not shape.stroke:
        return f'fill="{shape.colour.hex}"'
    ends = ' stroke-linecap="round" stroke-linejoin="round"' if isinstance(shape, Path) else ""
    return f'fill="none" stroke="{shape.colour.hex}" stroke-width="{_short(shape.stroke)}"{ends}'


def _route(path: Path) -> str:
    """Relative to the step before: fewer digits."""
    at, parts = path.start, [f"M{_short(path.start[0])} {_short(path.start[1])}"]
    for step in path.steps:
        moved = [value - at[odd % 2] for odd, value in enumerate(step)]
        parts.append(("c" if len(step) == 6 else "l") + _joined(moved))
        at = (step[-2], step[-1])
    return "".join(parts)


def _joined(values: list[float]) -> str:
    text = " ".join(_short(value) for value in values)
    return text.replace(" -", "-")


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
