"""The picture on the front of a card in Google Wallet: the scene of Apple's strip in 1032 x 336 pixels."""

from __future__ import annotations

from dataclasses import replace

from wallet_service.art.frame import Frame
from wallet_service.art.gallery import Kind
from wallet_service.art.paint import png
from wallet_service.art.scene import scene
from wallet_service.art.strip import picture
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress

HERO = Frame(1032, 336, 336)
"""In pixels, with nothing to be cropped: Google shows all of it, as wide as the card."""


def hero(progress: Progress, theme: Theme, scale: int) -> bytes:
    """Equal input, equal bytes; opaque, so that no phone puts a colour of its own behind it."""
    return png(picture(scene(progress, theme, replace(HERO, scale=scale))))


HERO_KIND = Kind("hero", HERO, hero)
