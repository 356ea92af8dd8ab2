"""The bar on a web page: the same scene, small, and with words for those who do not see it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.art.pixels import COFFEE, points, stamps
from wallet_service.art.svg import svg
from wallet_service.domain.progress import Progress

NAME = "{http://www.w3.org/2000/svg}"
STATES = [
    stamps(0),
    stamps(2, endowed=2, gained=2),
    stamps(9, endowed=2, gained=7),
    stamps(12),
    points(1, 10**6),
    points(40, endowed=15, gained=9),
    points(100),
]


@pytest.mark.parametrize("state", STATES)
def test_it_is_well_formed_and_leaves_room_for_the_rest_of_the_page(state: Progress) -> None:
    text = svg(state, COFFEE, title="2 of 12 stamps", desc="2 were a gift")
    assert ElementTree.fromstring(text).tag == f"{NAME}svg"
    assert len(text) < 2500


def test_its_words_are_read_aloud_and_cannot_break_out_of_the_page() -> None:
    text = svg(stamps(2), COFFEE, title='2 of <12> & "more"', desc="</svg><script>alert(1)</script>")
    tree = ElementTree.fromstring(text)
    assert tree.get("role") == "img"
    assert tree.findtext(f"{NAME}title") == '2 of <12> & "more"'
    assert tree.findtext(f"{NAME}desc") == "</svg><script>alert(1)</script>"
    assert "<script>" not in text


def test_without_a_title_it_is_decoration() -> None:
    tree = ElementTree.fromstring(svg(stamps(2), COFFEE))
    assert tree.get("aria-hidden") == "true"
    assert tree.find(f"{NAME}title") is None


def test_it_shows_what_the_strip_shows() -> None:
    rects = ElementTree.fromstring(svg(stamps(5, endowed=2), COFFEE)).findall(f"{NAME}rect")
    tones = [rect.get("fill") for rect in rects[:12]]
    assert tones == [COFFEE.endowed.hex] * 2 + [COFFEE.fill.hex] * 3 + [COFFEE.track.hex] * 7


def test_it_may_lie_on_a_page_of_its_own_colour() -> None:
    assert COFFEE.background.hex in svg(stamps(5), COFFEE)
    assert COFFEE.background.hex not in svg(stamps(5), COFFEE, ground=False)


def test_the_hair_of_a_first_purchase_stays_inside_the_bar() -> None:
    text = svg(points(1, 10**6), COFFEE)
    assert text.count("<clipPath") == 1
    assert 'clip-path="url(#t)"' in text
