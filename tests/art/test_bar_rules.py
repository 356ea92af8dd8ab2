"""What a bar must and must not show (D1 to D12), looked up in the pixels of finished strips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tests.art.pixels import (
    BAR_LEFT,
    BAR_RIGHT,
    COFFEE,
    MIDDLE,
    UPPER,
    at,
    bare,
    filled,
    meaningful,
    picture,
    points,
    row,
    stamps,
)
from wallet_service.art.colour import Rgb
from wallet_service.art.icons import icon
from wallet_service.art.theme import BarStyle, Icon

WIDTH = BAR_RIGHT - BAR_LEFT


def test_D1_the_bar_is_straight_wide_and_high_enough_with_round_ends() -> None:
    shown = picture(points(0))
    column = [y for y in range(144) if at(shown, 150, y) == COFFEE.track]
    assert set(row(shown, 1)) == {COFFEE.track}
    assert WIDTH >= 0.8 * 375
    assert len(column) >= 0.14 * 144
    assert column == list(range(column[0], column[-1] + 1))
    for corner in ((BAR_LEFT, column[0]), (BAR_RIGHT - 1, column[0]), (BAR_LEFT, column[-1])):
        assert at(shown, *corner) == at(bare(1), *corner)


def test_D1_a_bar_fills_from_the_left() -> None:
    shown = row(picture(points(50)), 1)
    assert set(shown[:149]) == {COFFEE.fill}
    assert set(shown[151:]) == {COFFEE.track}


def test_D2_the_reward_stands_at_the_right_end_grey_until_it_is_reached() -> None:
    nearly, ready = _colours_at_the_end(picture(stamps(11))), _colours_at_the_end(picture(stamps(12)))
    assert COFFEE.grey in nearly
    assert COFFEE.reward not in nearly
    assert COFFEE.reward in ready
    assert COFFEE.grey not in ready


def test_D2_the_reward_differs_in_shape_too_when_it_is_reached() -> None:
    def silhouette(value: int) -> Image.Image:
        end = (BAR_RIGHT + 2, 0, 375, 144)
        difference = ImageChops.difference(picture(stamps(value)), bare(1)).crop(end)
        return difference.convert("L").point(lambda level: 255 if level > 20 else 0)

    assert silhouette(11).getbbox() != silhouette(12).getbbox()


@pytest.mark.parametrize("kind", list(Icon))
def test_D2_every_reward_has_a_picture_for_each_of_the_two_states(kind: Icon) -> None:
    theme = replace(COFFEE, icon=kind)
    waiting, alive = picture(stamps(3), theme=theme), picture(stamps(12), theme=theme)
    assert COFFEE.grey in _colours_at_the_end(waiting)
    assert COFFEE.reward in _colours_at_the_end(alive)
    assert icon(kind, COFFEE.grey, COFFEE.background, alive=True) != icon(
        kind, COFFEE.grey, COFFEE.background, alive=False
    )


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("value", [10, 33, 49, 50, 51, 79, 80, 99])
def test_D3_the_share_is_exact_down_to_the_pixel(value: int, scale: int) -> None:
    assert filled(picture(points(value), scale), scale) == WIDTH * scale * value // 100


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_D3_it_is_not_full_before_it_is_earned(scale: int) -> None:
    assert filled(picture(points(999_999, 1_000_000), scale), scale) == WIDTH * scale - 1
    assert filled(picture(points(1_000_000, 1_000_000), scale), scale) == WIDTH * scale


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_D3_the_first_purchase_is_seen(scale: int) -> None:
    assert filled(picture(points(0, 10_000), scale), scale) == 0
    assert filled(picture(points(1, 10_000), scale), scale) == WIDTH * scale // 50


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1200), st.integers(0, 1200), st.integers(0, 300), st.integers(0, 300))
def test_D3_more_points_never_make_a_shorter_bar(one: int, other: int, endowed: int, gained: int) -> None:
    less, more = sorted((one, other))
    shorter = picture(points(less, 1000, endowed=min(endowed, less), gained=min(gained, less)))
    longer = picture(points(more, 1000, endowed=min(endowed, more), gained=min(gained, more)))
    assert filled(shorter) <= filled(longer)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 999), st.integers(0, 1000), st.integers(0, 1000))
def test_D3_what_was_given_and_gained_does_not_change_how_far_it_reaches(
    value: int, endowed: int, gained: int
) -> None:
    plain = picture(points(value, 1000))
    told = picture(points(value, 1000, endowed=min(endowed, value), gained=min(gained, value)))
    assert filled(told) == filled(plain)


def test_D4_the_gift_comes_first_in_a_lighter_tone_of_its_own() -> None:
    line = row(picture(points(50, endowed=20)), 1)
    assert line[2] == COFFEE.endowed
    assert line[100] == COFFEE.fill
    assert line.index(COFFEE.fill) > 58
    assert sum(COFFEE.endowed) > sum(COFFEE.fill)


def test_D4_cells_that_were_given_carry_a_mark() -> None:
    shown = picture(stamps(3, endowed=2), 2)
    marked, plain = (_cell(shown, place) for place in (0, 2))
    assert at(marked, 4, 20) == COFFEE.endowed
    assert at(marked, marked.width // 2, 36) == COFFEE.background
    assert {at(plain, plain.width // 2, y) for y in range(4, 68)} == {COFFEE.fill}


def test_D5_what_was_just_gained_is_highlighted() -> None:
    line = row(picture(points(50, gained=10)), 1)
    assert line[145] == COFFEE.gained
    assert line[100] == COFFEE.fill
    assert _tones(picture(stamps(6, gained=2))).count(COFFEE.gained) == 2


def test_D5_a_gained_cell_has_a_ring_and_not_only_a_colour() -> None:
    cell = _cell(picture(stamps(6, gained=1), 2), 5)
    seen = [at(cell, x, 36) for x in range(cell.width)]
    changes = [pixel for pixel, before in zip(seen[1:], seen[:-1], strict=True) if pixel != before]
    assert len(changes) >= 4


def test_D5_even_the_smallest_gain_is_seen() -> None:
    line = row(picture(points(5000, 10_000, gained=1)), 1)
    assert line.count(COFFEE.gained) >= 3


def test_D5_two_visits_never_look_the_same() -> None:
    seen = [picture(stamps(value, endowed=2, gained=1)).tobytes() for value in range(3, 13)]
    assert len(set(seen)) == len(seen)


def test_D6_nothing_hints_at_the_next_purchase_while_it_is_unknown() -> None:
    assert set(row(picture(points(40)), 1)[121:]) == {COFFEE.track}


@pytest.mark.parametrize("goal", range(1, 13))
def test_D7_up_to_twelve_stamps_have_a_cell_each(goal: int) -> None:
    assert _pieces(picture(stamps(0, goal))) == goal


def test_D7_more_than_twelve_stamps_and_all_points_have_no_ticks() -> None:
    for progress in (stamps(0, 13), stamps(0, 100), points(0, 10)):
        assert _pieces(picture(progress)) == 1


def test_D7_a_template_may_ask_for_cells_or_a_line() -> None:
    cells, line = replace(COFFEE, style=BarStyle.CELLS), replace(COFFEE, style=BarStyle.LINE)
    assert _pieces(picture(points(0, 10), theme=cells)) == 10
    assert _pieces(picture(points(0, 13), theme=cells)) == 1
    assert _pieces(picture(stamps(0, 10), theme=line)) == 1


def test_D9_the_last_fifth_is_stronger() -> None:
    assert row(picture(points(79)), 1)[30] == COFFEE.fill
    assert row(picture(points(80)), 1)[30] == COFFEE.strong
    assert _tones(picture(stamps(9))).count(COFFEE.strong) == 0
    assert _tones(picture(stamps(10))).count(COFFEE.strong) == 10


def test_D10_a_new_round_starts_with_what_is_carried_over() -> None:
    assert _tones(picture(stamps(1))) == [COFFEE.fill, *[COFFEE.track] * 11]


def test_D11_a_debt_is_an_empty_bar() -> None:
    empty = picture(stamps(0))
    assert picture(stamps(-5)).tobytes() == empty.tobytes()
    assert picture(points(-5)).tobytes() == picture(points(0)).tobytes()


def test_D12_there_is_one_bar_only() -> None:
    shown = picture(stamps(5))
    runs = _runs(at(shown, 150, y) != at(bare(1), 150, y) for y in range(144))
    assert runs == 1


def test_a_full_bar_is_one_piece_with_a_tick() -> None:
    shown = picture(stamps(12), 2)
    assert all(at(shown, x, UPPER * 2) == COFFEE.strong for x in range(60, 590))
    assert COFFEE.background in {at(shown, x, MIDDLE * 2) for x in range(560, 632)}


def test_more_than_the_goal_is_full_and_no_more() -> None:
    assert picture(stamps(40)).tobytes() == picture(stamps(12)).tobytes()
    assert picture(points(101)).tobytes() == picture(points(100)).tobytes()


def test_parts_larger_than_the_whole_are_cut_to_it() -> None:
    assert picture(stamps(3, endowed=9, gained=9)).tobytes() == picture(stamps(3, endowed=3)).tobytes()
    assert picture(stamps(3, endowed=-2, gained=-2)).tobytes() == picture(stamps(3)).tobytes()


def test_a_goal_of_nothing_is_reached() -> None:
    assert picture(points(0, 0)).tobytes() == picture(points(1, 1)).tobytes()


def test_nothing_is_drawn_beside_the_picture() -> None:
    left, top, right, bottom = meaningful(picture(stamps(12), 3), 3)
    assert left >= 12 * 3
    assert right <= (375 - 12) * 3
    assert top < bottom


def _colours_at_the_end(shown: Image.Image) -> set[Rgb]:
    end = shown.crop((BAR_RIGHT + 2, 0, 375, 144))
    return {at(end, x, y) for x in range(end.width) for y in range(end.height)}


def _cell(shown: Image.Image, place: int, goal: int = 12, scale: int = 2) -> Image.Image:
    """One cell cut out of a picture in two pixels to the point."""
    pitch = (WIDTH + 3) * scale / goal
    left = BAR_LEFT * scale + int(place * pitch + 0.001)
    return shown.crop((left, 54 * scale, left + int(pitch) - 3 * scale, 90 * scale))


def _tones(shown: Image.Image, goal: int = 12) -> list[Rgb]:
    """The colour of each cell, a third of the way up where no mark is."""
    pitch = (WIDTH + 3) / goal
    return [at(shown, BAR_LEFT + pitch * place + 11, 61) for place in range(goal)]


def _pieces(shown: Image.Image) -> int:
    return _runs(pixel == COFFEE.track for pixel in row(shown, 1))


def _runs(seen: Iterable[bool]) -> int:
    flags = [False, *seen]
    return sum(now and not before for before, now in pairwise(flags))
