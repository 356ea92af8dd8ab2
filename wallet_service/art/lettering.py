"""Words on posters and previews: pinned fonts, wrapped, shrunk or cut so that they stay where they belong."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from font_roboto import Roboto, RobotoBold, RobotoMedium
from PIL import ImageFont

ELLIPSIS = "…"


class Weight(StrEnum):
    REGULAR = Roboto
    MEDIUM = RobotoMedium
    BOLD = RobotoBold


@lru_cache(maxsize=128)
def font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    """The basic layout engine, because its result does not depend on what a machine has installed."""
    return ImageFont.truetype(str(weight), size, layout_engine=ImageFont.Layout.BASIC)


def fitted(
    text: str, weight: Weight, *, size: int, least: int, width: float, lines: int
) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters with which the text fits; what is too long for the least ends in an ellipsis."""
    step = max((size - least) // 8, 1)
    for smaller in range(size, least - 1, -step):
        face = font(weight, smaller)
        wrapped = list(_wrapped(text, face, width))
        if len(wrapped) <= lines:
            return face, wrapped
    face = font(weight, least)
    wrapped = list(_wrapped(text, face, width))
    return face, [*wrapped[: lines - 1], cut(" ".join(wrapped[lines - 1 :]), face, width)]


def _wrapped(text: str, face: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    line = ""
    for word in (part for whole in text.split() for part in _pieces(whole, face, width)):
        longer = f"{line} {word}".strip()
        if line and face.getlength(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def _pieces(word: str, face: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """A word longer than the line is broken where the line ends."""
    piece = ""
    for letter in word:
        if piece and face.getlength(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def cut(text: str, face: ImageFont.FreeTypeFont, width: float) -> str:
    """As a phone does it: whole if it fits, else as many letters as leave room for an ellipsis."""
    if face.getlength(text) <= width:
        return text
    kept = text
    while kept and face.getlength(kept.rstrip() + ELLIPSIS) > width:
        kept = kept[: max(int(len(kept) * 0.9), 0)] if len(kept) > 200 else kept[:-1]
    return kept.rstrip() + ELLIPSIS
