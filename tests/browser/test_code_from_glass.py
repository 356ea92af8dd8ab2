"""The reader that we ship reads our code from a guest's phone as a camera sees it."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

from tests.browser.counter import Counter
from tests.browser.glass import (
    FRAME,
    Effect,
    Phone,
    Photograph,
    between,
    blurred,
    glaring,
    held,
    noisy,
    shaded,
    shaken,
    squeezed,
    tilted,
    turned,
)
from wallet_service.web.till.page import till_file

SHOTS = Path("build/screenshots/glass")
SIDES = (120, 160, 240, 400)
READ = """async ([reader, picture]) => {
  const { read } = await import(reader);
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  paper.drawImage(bitmap, 0, 0);
  return read(paper.getImageData(0, 0, bitmap.width, bitmap.height));
}"""

EVERYDAY: dict[str, tuple[Effect, ...]] = {
    "held straight": (),
    "turned a little": (turned(15),),
    "turned by half a right angle": (turned(45),),
    "lying across": (turned(90),),
    "upside down": (turned(180),),
    "leaning to the side": (tilted(35),),
    "leaning far to the side": (tilted(50),),
    "leaning back": (tilted(45, axis=90),),
    "turned and leaning": (turned(30), tilted(45, axis=20)),
    "out of focus": (blurred(1.5),),
    "shaken": (shaken(5, down=2),),
    "grainy": (noisy(1),),
    "a dim screen by day": (between(90, 160), noisy(0.1)),
    "in the dark": (between(0, 60), noisy(0.05)),
    "too bright": (between(200, 255),),
    "light from one side": (shaded(0.15), noisy(0.2)),
    "through a poor webcam": (squeezed(15),),
    "at an angle, by poor light": (
        turned(12),
        tilted(35, axis=25),
        shaded(0.5),
        blurred(0.8),
        noisy(0.3),
        between(30, 220),
        squeezed(60),
    ),
}


@pytest.fixture(scope="module")
def serial(counter: Counter) -> str:
    """The same card in every run, since codes differ in how hard they are to read."""
    services = replace(counter.shop.services, entropy=random.Random(19).randbytes)
    return replace(counter.shop, services=services).join("Alice")


@pytest.fixture(scope="module")
def phone(browser: Browser, counter: Counter, serial: str) -> Phone:
    with counter.pocket(browser) as pocket:
        page = pocket.new_page()
        page.goto(counter.address + counter.site.page_of(serial))
        return held(page)


@pytest.fixture(scope="module")
def read(browser: Browser, counter: Counter) -> Iterator[Callable[[bytes], str | None]]:
    """What the reader makes of a picture, in a browser at the till."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{counter.address}/till/sign-in")

        def reader(picture: bytes) -> str | None:
            text: str | None = page.evaluate(
                READ, [till_file("reader.js"), base64.b64encode(picture).decode()]
            )
            return text

        yield reader


def test_a_card_number_fits_the_coarsest_code_there_is(counter: Counter, serial: str) -> None:
    code = QRCode(error_correction=ERROR_CORRECT_Q)
    code.add_data(counter.shop.face(serial).number)
    assert code.best_fit() == 1


def test_the_code_of_the_moment_is_still_the_coarsest_there_is() -> None:
    code = QRCode(error_correction=ERROR_CORRECT_Q)
    code.add_data("1" * 27)
    assert code.best_fit() == 1


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("taken", EVERYDAY)
def test_the_code_is_read_from_glass(
    counter: Counter,
    serial: str,
    phone: Phone,
    read: Callable[[bytes], str | None],
    taken: str,
    side: int,
) -> None:
    assert _seen(read, phone, Photograph(taken, side, EVERYDAY[taken])) == counter.shop.face(serial).number


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("across", "down", "size"),
    [(0, 0, 0.3), (-0.7, -0.7, 0.6), (0.3, 0.1, 0.2)],
    ids=["middle", "corner", "side"],
)
def test_a_lamp_in_the_glass_hides_a_part_only(
    counter: Counter,
    serial: str,
    phone: Phone,
    read: Callable[[bytes], str | None],
    across: float,
    down: float,
    size: float,
    side: int,
) -> None:
    """Places and size as parts of the code: a quarter of it may be lost."""
    part = side / FRAME
    lamp = glaring(0.5 + across * part, 0.5 + down * part, size * part)
    name = f"a lamp {across} {down}"
    assert _seen(read, phone, Photograph(name, side, (lamp,))) == counter.shop.face(serial).number


def test_a_picture_without_a_code_says_nothing(read: Callable[[bytes], str | None], phone: Phone) -> None:
    away = replace(phone, left=-10_000)
    assert read(Photograph("the counter", 200, (noisy(1),)).of(away)) is None


def _seen(read: Callable[[bytes], str | None], phone: Phone, photograph: Photograph) -> str | None:
    picture = photograph.of(phone)
    SHOTS.mkdir(parents=True, exist_ok=True)
    (SHOTS / f"{photograph.name} {photograph.side}.png".replace(" ", "-")).write_bytes(picture)
    return read(picture)
