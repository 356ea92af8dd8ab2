"""The scene fits canvases of other shapes: Google's hero will hang the same bar."""

from __future__ import annotations

import pytest

from tests.art.pixels import COFFEE, points, stamps
from wallet_service.art.bar import measured
from wallet_service.art.frame import Frame
from wallet_service.art.scene import scene
from wallet_service.art.shapes import RoundRect
from wallet_service.art.strip import picture
from wallet_service.domain.progress import Progress

HERO = Frame(1032, 336, 336)


@pytest.mark.parametrize("state", [points(0), points(73, endowed=9, gained=3), points(100), stamps(5, 9)])
def test_a_hero_holds_the_whole_bar_in_the_same_proportions(state: Progress) -> None:
    rects = [shape for shape in scene(state, COFFEE, HERO).shapes if isinstance(shape, RoundRect)]
    assert measured(state, COFFEE, HERO).box.width >= 0.8 * HERO.width
    assert all(rect.y >= 0 and rect.y + rect.height <= HERO.height for rect in rects)
    assert picture(scene(state, COFFEE, HERO)).size == (1032, 336)


def test_a_low_band_makes_a_smaller_bar_and_not_a_cut_one() -> None:
    low = Frame(1032, 336, 98)
    rects = [shape for shape in scene(stamps(3), COFFEE, low).shapes if isinstance(shape, RoundRect)]
    top, bottom = (336 - 98) / 2, (336 + 98) / 2
    assert all(top <= rect.y and rect.y + rect.height <= bottom for rect in rects)


def test_a_scene_is_a_value() -> None:
    assert scene(stamps(3), COFFEE) == scene(stamps(3), COFFEE)
    assert hash(scene(stamps(3), COFFEE)) == hash(scene(stamps(3), COFFEE))
    assert scene(stamps(3), COFFEE) != scene(stamps(4), COFFEE)
