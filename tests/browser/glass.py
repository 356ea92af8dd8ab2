"""Pictures of a card's code as a till's camera sees it: on somebody's phone, at an angle, in bad light."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter
from playwright.sync_api import Page

from wallet_service.web.looks import QUIET

FRAME = 640
"""Side of what the reader looks at: the middle of a camera's picture."""
Effect = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, eq=False)
class Phone:
    """A picture of a phone that shows a card, and where its code is in it."""

    shot: Image.Image
    left: float
    top: float
    side: float

    @lru_cache(maxsize=8)  # noqa: B019 one phone for all tests
    def at(self, side: float) -> Image.Image:
        """As far away as makes its code this many pixels wide, with the code in the middle of the frame."""
        scale = self.side / side
        middle = (self.left + self.side / 2, self.top + self.side / 2)
        left, top = (place - FRAME / 2 * scale for place in middle)
        move = (scale, 0, left, 0, scale, top)
        near = self.shot.filter(ImageFilter.GaussianBlur(max(0.0, scale - 1) / 2))  # as a lens would
        return near.transform(
            (FRAME, FRAME), Image.Transform.AFFINE, move, Image.Resampling.BICUBIC, fillcolor=COUNTER
        )


COUNTER = (92, 84, 78)


SHARP = 3
"""Device pixels of a phone for each of a page."""
MODULES = 21


def held(page: Page) -> Phone:
    """A phone that shows a card's page: white paper in a dark page, and more to see around it."""
    box = page.locator(".code-tile .qr").bounding_box()
    assert box is not None
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    module = box["width"] * SHARP / (MODULES + 2 * QUIET)
    left, top = (box["x"] * SHARP + QUIET * module, box["y"] * SHARP + QUIET * module)
    return Phone(shot, left, top, MODULES * module)


@dataclass(frozen=True)
class Photograph:
    """One way to take the picture; the effects come in the order in which light and lens make them."""

    name: str
    side: int
    effects: tuple[Effect, ...] = field(default=(), repr=False)

    def taken(self, phone: Phone) -> Image.Image:
        picture = phone.at(self.side)
        for effect in self.effects:
            picture = effect(picture)
        return picture

    def of(self, phone: Phone) -> bytes:
        kept, picture = io.BytesIO(), self.taken(phone)
        picture.save(kept, "PNG")
        return kept.getvalue()


def turned(degrees: float) -> Effect:
    return lambda picture: picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=COUNTER)


def tilted(degrees: float, axis: float = 0, distance: float = 2.0) -> Effect:
    """Leaning back around an axis in the picture's plane; the camera stands `distance` frames away."""

    def effect(picture: Image.Image) -> Image.Image:
        lean = math.radians(degrees)
        leaning = picture.rotate(axis, Image.Resampling.BICUBIC, fillcolor=COUNTER).transform(
            picture.size,
            Image.Transform.PERSPECTIVE,
            _lean(lean, picture.width / 2, distance * picture.width),
            Image.Resampling.BICUBIC,
            fillcolor=COUNTER,
        )
        return leaning.rotate(-axis, Image.Resampling.BICUBIC, fillcolor=COUNTER)

    return effect


def _lean(angle: float, middle: float, distance: float) -> tuple[float, ...]:
    """Pillow asks, for each point of the result, which point of the source is seen there."""
    across, nearer = 1 / math.cos(angle), -math.tan(angle) / distance
    rest = 1 - nearer * middle
    horizontal = (across + middle * nearer, 0.0, middle * (rest - across))
    vertical = (middle * nearer, 1.0, middle * (rest - 1))
    return tuple(part / rest for part in (*horizontal, *vertical, nearer, 0.0))


def blurred(radius: float) -> Effect:
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(radius))


def shaken(pixels: int, down: int = 0) -> Effect:
    """The hand moved while the shutter was open."""

    def effect(picture: Image.Image) -> Image.Image:
        moved = picture
        for step in range(1, pixels + 1):
            shifted = ImageChops.offset(picture, step, round(down * step / pixels))
            moved = Image.blend(moved, shifted, 1 / (step + 1))
        return moved

    return effect


def noisy(strength: float, seed: int = 7) -> Effect:
    """Grain of a cheap sensor; the same on every machine."""

    def effect(picture: Image.Image) -> Image.Image:
        grain = _grain(picture.size, seed).point(lambda value: 128 + (value - 128) * strength)
        return ImageChops.add(picture, Image.merge("RGB", [grain] * 3), offset=-128)

    return effect


@lru_cache(maxsize=4)
def _grain(size: tuple[int, int], seed: int) -> Image.Image:
    chance = random.Random(seed)
    one, other = (Image.frombytes("L", size, chance.randbytes(size[0] * size[1])) for _ in "ab")
    return ImageChops.blend(one, other, 0.5)


def between(darkest: int, brightest: int) -> Effect:
    """A dim screen in a bright room, or a bright one in the dark: what is left between black and white."""
    return lambda picture: picture.point(lambda value: darkest + value * (brightest - darkest) // 255)


def shaded(darkest: float) -> Effect:
    """Light from one side."""

    def effect(picture: Image.Image) -> Image.Image:
        slope = Image.linear_gradient("L").rotate(90).resize(picture.size)
        shade = slope.point(lambda value: int(255 * darkest + value * (1 - darkest)))
        return ImageChops.multiply(picture, Image.merge("RGB", [shade] * 3))

    return effect


def glaring(across: float, down: float, size: float, strength: int = 255) -> Effect:
    """A lamp in the glass; places and size as parts of the frame."""

    def effect(picture: Image.Image) -> Image.Image:
        light = Image.new("L", picture.size)
        middle, reach = (across * picture.width, down * picture.height), size * picture.width / 2
        box = (middle[0] - reach, middle[1] - reach * 0.6, middle[0] + reach, middle[1] + reach * 0.6)
        ImageDraw.Draw(light).ellipse(box, fill=strength)
        soft = light.filter(ImageFilter.GaussianBlur(reach / 3))
        return ImageChops.screen(picture, Image.merge("RGB", [soft] * 3))

    return effect


def squeezed(quality: int) -> Effect:
    """Through a JPEG, as webcams send their pictures."""

    def effect(picture: Image.Image) -> Image.Image:
        kept = io.BytesIO()
        picture.save(kept, "JPEG", quality=quality)
        return Image.open(kept).convert("RGB")

    return effect
