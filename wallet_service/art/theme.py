"""How a program's pictures look: `template.toml` read into colours, a bar and a reward."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from wallet_service.art import template_toml
from wallet_service.art.colour import Rgb, colour, contrast
from wallet_service.art.palette import BAR_RATIO, TEXT_RATIO, palette, shade

FILE = template_toml.FILE
SLATE = Rgb(38, 44, 56)


class BarStyle(StrEnum):
    CELLS = "cells"
    LINE = "line"
    AUTO = "auto"


class Icon(StrEnum):
    CUP = "cup"
    GIFT = "gift"
    PERCENT = "percent"
    STAR = "star"


@dataclass(frozen=True)
class Theme:
    """`track` is the empty bar, `fill` what was earned, `endowed` what was given, `gained` what just came,
    `strong` the fill of the last fifth and of a full bar; `reward` and `grey` are the picture at its end.
    """

    background: Rgb
    foreground: Rgb
    label: Rgb
    track: Rgb
    fill: Rgb
    endowed: Rgb
    gained: Rgb
    strong: Rgb
    reward: Rgb
    grey: Rgb
    style: BarStyle = BarStyle.AUTO
    icon: Icon = Icon.STAR
    radius: int = 9
    swell: bool = True

    @property
    def shade(self) -> Rgb:
        """The quiet second tone of the ground, drawn as a swell below the bar."""
        return shade(self.background)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


def _colour(value: object) -> Rgb:
    if not isinstance(value, str):
        raise ValueError("a colour is written rgb(r, g, b) or #rrggbb, in quotes")
    return colour(value)


Colour = Annotated[Rgb, BeforeValidator(_colour)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Colours(_Section):
    background: Colour | None = None
    foreground: Colour | None = None
    label: Colour | None = None


class _Bar(_Section):
    style: BarStyle | None = None
    radius: Annotated[int, Field(ge=0, le=18, strict=True)] | None = None
    swell: Annotated[bool, Field(strict=True)] | None = None
    track: Colour | None = None
    fill: Colour | None = None
    endowed: Colour | None = None
    gained: Colour | None = None
    strong: Colour | None = None


class _Reward(_Section):
    icon: Icon | None = None
    colour: Colour | None = None
    grey: Colour | None = None


class _File(BaseModel):
    """Other tables (what Google shows) belong to others and pass through."""

    colours: _Colours = Field(default_factory=_Colours)
    bar: _Bar = Field(default_factory=_Bar)
    reward: _Reward = Field(default_factory=_Reward)


def load_theme(folder: Path) -> Theme:
    """The look in `template.toml`; what it leaves out comes from pass.json's colours or fits to them."""
    written = template_toml.read(folder, _File)
    card = _card_colours(folder / "pass.json") | _set(written.colours)
    return derived(**card, **_set(written.bar), **_reward(written.reward))


def _card_colours(file: Path) -> dict[str, Rgb]:
    """What pass.json says; a colour that cannot be read there is the template checker's business."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    names = {"background": "backgroundColor", "foreground": "foregroundColor", "label": "labelColor"}
    return dict(_readable(content, names)) if isinstance(content, dict) else {}


def _readable(content: dict[str, object], names: dict[str, str]) -> Iterator[tuple[str, Rgb]]:
    for name, key in names.items():
        try:
            yield name, _colour(content.get(key))
        except ValueError:
            continue


def _set(section: _Section) -> dict[str, Any]:
    return {key: value for key, value in section if value is not None}


def _reward(section: _Reward) -> dict[str, Any]:
    names = {"icon": "icon", "colour": "reward", "grey": "grey"}
    return {names[key]: value for key, value in _set(section).items()}


def derived(background: Rgb = SLATE, **chosen: Any) -> Theme:
    """The theme of a background; every colour that is not chosen is made to fit."""
    colours: dict[str, Any] = {**palette(background, chosen.get("track"))}
    return Theme(**(colours | chosen))


def theme_faults(theme: Theme) -> list[str]:
    """Every pair of colours that somebody with weak eyes could not tell apart, with the way out."""
    return [fault for pair in _pairs(theme) if (fault := _fault(theme, *pair))]


def _fault(theme: Theme, one: str, other: str, ratio: float) -> str | None:
    upper, lower = getattr(theme, one), getattr(theme, other)
    found = contrast(upper, lower)
    if found >= ratio:
        return None
    where = "the swell" if other == "shade" else other
    return (
        f"{one} {upper.hex} on {where} {lower.hex} has a contrast of {found:.2f} to 1;"
        f" make one of them lighter or darker until it is at least {ratio:g} to 1."
    )


def _pairs(theme: Theme) -> Iterator[tuple[str, str, float]]:
    yield from (("foreground", "background", TEXT_RATIO), ("label", "background", TEXT_RATIO))
    for tone in ("fill", "endowed", "gained", "strong"):
        yield from ((tone, "track", BAR_RATIO), (tone, "background", BAR_RATIO))
    for tone in ("track", "reward", "grey"):
        yield tone, "background", BAR_RATIO
        if theme.swell:
            yield tone, "shade", BAR_RATIO
