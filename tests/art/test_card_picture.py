"""The preview shows a card as a phone does, also when a text is far too long."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image, ImageChops

from tests.art.pixels import COFFEE, TEMPLATE, at, read, stamps
from wallet_service.art.card_picture import PAGE, SCALE, WIDTH, CardView, card_picture
from wallet_service.art.lettering import ELLIPSIS, Weight, cut, fitted, font
from wallet_service.art.strip import strip

VIEW = CardView(
    background=COFFEE.background,
    foreground=COFFEE.foreground,
    label=COFFEE.label,
    logo=(TEMPLATE / "logo@2x.png").read_bytes(),
    logo_text="Coffee Corner",
    header=("Stamps", "6 of 12"),
    strip=strip(stamps(6, endowed=2, gained=1), COFFEE, 2),
    fields=(("To go", "6 to a free coffee"), ("Level", "Silver")),
    message="1234567890123456789",
    alt_text="1234 5678 9012 3456 789",
)
EDGES = (PAGE * SCALE, (PAGE + WIDTH) * SCALE)


def drawn(**changed: object) -> Image.Image:
    return read(card_picture(replace(VIEW, **changed)))  # type: ignore[arg-type]


def changes(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.difference(one, other).getbbox()
    assert box is not None
    return box


def test_the_strip_lies_on_the_card_from_edge_to_edge_pixel_by_pixel() -> None:
    assert VIEW.strip is not None
    bar, shown = read(VIEW.strip), drawn()
    top = (PAGE + 66) * SCALE
    there = shown.crop((EDGES[0], top, EDGES[1], top + bar.height))
    assert ImageChops.difference(there, bar).getbbox() is None


def test_the_same_card_is_the_same_picture() -> None:
    assert card_picture(VIEW) == card_picture(VIEW)


@pytest.mark.parametrize(
    "missing",
    [
        {"logo": None},
        {"header": None},
        {"strip": None},
        {"fields": ()},
        {"logo_text": ""},
        {"fields": (("One", "1"),)},
        {"fields": tuple((f"Label {place}", f"Value {place}") for place in range(9))},
        {"primary": ("Points", "120")},
    ],
)
def test_a_card_of_somebody_elses_making_is_shown_too(missing: dict[str, object]) -> None:
    changes(drawn(**missing), drawn())
    assert drawn(**missing).size == drawn().size


@pytest.mark.parametrize(
    "long",
    [
        {"logo_text": "Кофейня " * 60},
        {"header": ("Очень длинная подпись " * 9, "12 из 12 " * 30)},
        {"fields": (("To go", "A free coffee " * 30), ("Level", "Silver"))},
        {"fields": tuple(("Long label " * 9, "Long value " * 9) for _ in range(4))},
        {"alt_text": "1234 " * 90},
    ],
)
def test_long_words_are_cut_at_the_edge_of_the_card(long: dict[str, object]) -> None:
    left, _, right, _ = changes(drawn(**long), drawn())
    assert left >= EDGES[0] + 8
    assert right <= EDGES[1] - 8


def test_a_short_field_leaves_its_room_to_a_long_one() -> None:
    def width(other: str) -> int:
        shown = drawn(fields=(("To go", "Free coffee " * 9), ("Level", other)))
        row = shown.crop((EDGES[0], 500, EDGES[1], 540))
        lit = [x for x in range(row.width) if any(at(row, x, y) == COFFEE.foreground for y in range(40))]
        gaps = [(b - a, a) for a, b in pairwise(lit)]
        return max(gaps)[1]

    assert width("7") > width("Silver, and proud of it")


def test_a_text_that_fits_is_left_alone_and_another_ends_in_an_ellipsis() -> None:
    face = font(Weight.REGULAR, 20)
    assert cut("Coffee", face, 500) == "Coffee"
    short = cut("Coffee and cake", face, 100)
    assert short.endswith(ELLIPSIS)
    assert "Coffee and cake".startswith(short.removesuffix(ELLIPSIS).rstrip())
    assert face.getlength(short) <= 100
    assert cut("W" * 5000, face, 100).startswith("WW")
    assert cut("", face, 0) == ""


def test_letters_shrink_before_words_are_lost() -> None:
    large, one = fitted("Coffee", Weight.BOLD, size=40, least=10, width=400, lines=1)
    small, same = fitted("Coffee " * 8, Weight.BOLD, size=40, least=10, width=400, lines=1)
    assert (large.size, one) == (40, ["Coffee"])
    assert small.size < 40
    assert same == [("Coffee " * 8).strip()]
    _, lost = fitted("Coffee " * 80, Weight.BOLD, size=40, least=10, width=400, lines=2)
    assert len(lost) == 2
    assert lost[-1].endswith(ELLIPSIS)
