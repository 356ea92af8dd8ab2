"""What a pass template says about Google Wallet: colour, emblem, and what is switched on."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.actions.links import Links
from wallet_service.art import template_toml
from wallet_service.art.colour import Rgb
from wallet_service.art.emblem import emblem
from wallet_service.art.gallery import Gallery
from wallet_service.art.paint import png
from wallet_service.art.theme import SLATE, Colour, Theme, load_theme
from wallet_service.domain.errors import Invalid

LOGO = "google-logo.png"
LEAST_SIDE, LARGEST_SIDE = 660, 4096

Place = tuple[float, float]
"""Latitude and longitude."""


@dataclass(frozen=True)
class GoogleLook:
    """`logo` is an address. `background` is always set, or Google would take the colour of the hero, which
    changes with the bar. `redemption_issuers` switch Smart Tap on. `plain_http` is for a simulated Google.
    """

    theme: Theme
    logo: str
    background: str
    country: str | None = None
    many_holders: bool = False
    redemption_issuers: tuple[str, ...] = ()
    locations: tuple[Place, ...] = ()
    plain_http: bool = False


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Location(_Section):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class GoogleTable(_Section):
    """The `[google]` table. Smart Tap and locations stay off until somebody asks for them."""

    logo: Annotated[str, Field(pattern=r"^google-[A-Za-z0-9_-]+\.png$")] = LOGO
    background: Colour | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    holders: Literal["one", "many"] = "one"
    redemption_issuers: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,19}$")], ...] = ()
    locations: Annotated[tuple[Location, ...], Field(max_length=10)] = ()  # G22


class _File(BaseModel):
    google: GoogleTable = Field(default_factory=GoogleTable)


def load_look(folder: Path, gallery: Gallery, links: Links, *, plain_http: bool) -> GoogleLook:
    """Invalid names the key or the file that cannot be used."""
    written, theme = template_toml.read(folder, _File).google, load_theme(folder)
    background = written.background or theme.background
    logo = _logo(folder, written, background) or emblem(theme)
    return GoogleLook(
        theme=theme,
        logo=links.art(gallery.keep(logo)),
        background=background.hex,
        country=written.country,
        many_holders=written.holders == "many",
        redemption_issuers=written.redemption_issuers,
        locations=tuple((place.latitude, place.longitude) for place in written.locations),
        plain_http=plain_http,
    )


def fault_of(folder: Path) -> str | None:
    """What would keep these cards from Google, in a sentence; None when nothing does."""
    try:
        _logo(folder, template_toml.read(folder, _File).google, SLATE)
    except Invalid as fault:
        return fault.detail
    return None


def _logo(folder: Path, written: GoogleTable, ground: Rgb) -> bytes | None:
    """Painted anew: opaque, and without whatever else was in the file. None where there is no such file and
    none was asked for.
    """
    file = folder / written.logo
    if written.logo == LOGO and not file.is_file():
        return None
    picture = _opened(file).convert("RGBA")
    canvas = Image.new("RGB", picture.size, ground)
    canvas.paste(picture, (0, 0), picture)
    return png(canvas)


def _opened(file: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = Image.open(io.BytesIO(file.read_bytes()), formats=["PNG"])
            _require_good_size(file, picture.size)
            picture.load()
            return picture
    except (OSError, ValueError, SyntaxError, EOFError, Warning):
        raise Invalid(f"{file} is missing or no PNG. Save a square PNG of 660 pixels there.") from None


def _require_good_size(file: Path, size: tuple[int, int]) -> None:
    """By the header alone, before anything is unpacked (S17)."""
    width, height = size
    if width != height or not LEAST_SIDE <= width <= LARGEST_SIDE:
        raise Invalid(
            f"{file} is {width}x{height} pixels. Google wants a square of {LEAST_SIDE} or more, "
            f"of which it shows a circle; {LARGEST_SIDE} is the most we take."
        )
