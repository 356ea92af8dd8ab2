"""The sheet beside the till can be scanned, read, and printed."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

from tests.art.pixels import COFFEE, at, read, stamps
from wallet_service.art.colour import BLACK, WHITE, Rgb, contrast
from wallet_service.art.poster import Form, poster
from wallet_service.art.symbol import symbol
from wallet_service.art.theme import Theme, derived

URL = "https://kofe.example/join/coffee"
WORDS = {"en": "2 of 12 coffees are already yours", "ru": "Два из двенадцати кофе уже ваши"}
DOTS_A_CM = 150 / 2.54


def made(
    title: str = "Coffee Corner",
    promise: str = WORDS["en"],
    *,
    url: str = URL,
    theme: Theme = COFFEE,
    language: str = "en",
    form: Form = "png",
) -> bytes:
    return poster(
        title=title,
        promise=promise,
        url=url,
        theme=theme,
        bar=stamps(2, endowed=2, gained=2),
        language=language,
        form=form,
    )


def test_it_is_a_sheet_of_a4() -> None:
    width, height = read(made()).size
    assert width / DOTS_A_CM == pytest.approx(21.0, abs=0.05)
    assert height / DOTS_A_CM == pytest.approx(29.7, abs=0.05)


def test_the_pdf_is_one_page_of_a4() -> None:
    document = PdfReader(io.BytesIO(made(form="pdf")))
    (page,) = document.pages
    assert float(page.mediabox.width) / 72 * 2.54 == pytest.approx(21.0, abs=0.05)
    assert float(page.mediabox.height) / 72 * 2.54 == pytest.approx(29.7, abs=0.05)
    assert document.metadata is not None
    assert document.metadata.title == "Coffee Corner"


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_the_same_poster_is_the_same_file(form: Form) -> None:
    assert made(form=form) == made(form=form)


def test_the_code_carries_the_address_with_a_quarter_to_spare() -> None:
    expected = QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    expected.add_data(URL)
    expected.make(fit=True)
    assert expected.version is not None
    assert expected.version <= 4
    found, _ = _scanned(read(made()), len(expected.get_matrix()))
    assert found == [[bool(cell) for cell in line] for line in expected.get_matrix()]


def test_the_code_has_its_quiet_zone_and_can_be_scanned_from_a_step_away() -> None:
    shown = read(made())
    _, (left, top, right, bottom) = _scanned(shown, 29)
    assert (right - left) / DOTS_A_CM >= 3
    zone = 4 * (right - left) // 29
    around = shown.crop((left - zone, top - zone, right + zone, bottom + zone))
    around.paste(WHITE, (zone, zone, zone + right - left, zone + bottom - top))
    assert around.getcolors() == [(around.width * around.height, WHITE)]


def test_the_code_is_dark_on_white_whatever_the_brand() -> None:
    pale = symbol("1", 100, Rgb(255, 240, 200)).getcolors()
    brand = symbol("1", 100, COFFEE.background).getcolors()
    assert pale is not None
    assert brand is not None
    assert {colour for _, colour in pale} == {BLACK, WHITE}
    assert {colour for _, colour in brand} == {COFFEE.background, WHITE}
    assert contrast(COFFEE.background, WHITE) > 7


@pytest.mark.parametrize("background", ["#ffffff", "#7a1f3d"])
def test_any_theme_makes_a_poster(background: str) -> None:
    from wallet_service.art.colour import colour

    theme = derived(colour(background))
    assert at(read(made(theme=theme)), 1, 1) == theme.background


@pytest.mark.parametrize(
    ("title", "promise"),
    [
        ("Coffee Corner", WORDS["en"]),
        ("Кофейня на углу", WORDS["ru"]),
        ("Coffee " * 40, "Two of twelve coffees are yours " * 20),
        ("W" * 300, "Щ" * 300),
        ("", ""),
    ],
)
def test_words_stay_on_the_sheet_and_off_the_bar(title: str, promise: str) -> None:
    blank, shown = read(made("", "")), read(made(title, promise))
    box = ImageChops.difference(blank, shown).getbbox()
    if box:
        margin, bar = 40 * 150 // 72, 300 * 150 // 72
        assert box[0] >= margin
        assert box[2] <= shown.width - margin
        assert box[3] <= bar
        assert box[1] > 0


def test_cyrillic_letters_are_letters_and_not_boxes() -> None:
    assert read(made("Кофе")).tobytes() != read(made("Чаек")).tobytes()


def test_the_hint_speaks_the_language_of_the_reader() -> None:
    assert made(language="ru") != made(language="en")
    assert made(language="fr") == made(language="en")


def _scanned(shown: Image.Image, modules: int) -> tuple[list[list[bool]], tuple[int, int, int, int]]:
    """What a camera sees: the dark modules on the white panel, read in a grid."""
    panel = shown.crop(
        (0, round(408 / 842 * shown.height) + 20, shown.width, round(700 / 842 * shown.height))
    )
    offset = round(408 / 842 * shown.height) + 20
    middle = panel.crop((shown.width // 4 + 40, 0, shown.width * 3 // 4 - 40, panel.height))
    dark = middle.convert("L").point(lambda level: 255 if level < 128 else 0)
    box = dark.getbbox()
    assert box is not None
    left, top = box[0] + shown.width // 4 + 40, box[1] + offset
    size = box[2] - box[0]
    assert size == box[3] - box[1]
    assert size % modules == 0
    step = size // modules
    grid = [
        [at(shown, left + step * x + step // 2, top + step * y + step // 2) != WHITE for x in range(modules)]
        for y in range(modules)
    ]
    return grid, (left, top, left + size, top + size)
