"""What weak and colour-blind eyes can tell apart, measured on the pixels that are shown."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from tests.art.pixels import BAR_LEFT, COFFEE, at, bare, picture, points, row, stamps
from wallet_service.art.colour import BLACK, WHITE, Rgb, apart, colour, contrast, mix
from wallet_service.art.theme import Theme, derived, theme_faults

# Machado, Oliveira, Fernandes 2009, severity 1, on linear light.
BLINDNESS = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TOLD_APART = 12.0  # CIE76; about five times what a trained eye notices side by side


def test_wcag_knows_its_two_ends() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(COFFEE.fill, COFFEE.fill) == 1


@pytest.mark.parametrize("tone", ["fill", "endowed", "gained", "strong"])
def test_the_bar_stands_out_from_its_track_on_the_pixels(tone: str) -> None:
    shown = {
        "fill": row(picture(points(50)), 1)[100],
        "endowed": row(picture(points(50, endowed=20)), 1)[5],
        "gained": row(picture(points(50, gained=20)), 1)[145],
        "strong": row(picture(points(90)), 1)[100],
    }[tone]
    empty = row(picture(points(0)), 1)[200]
    assert shown == getattr(COFFEE, tone)
    assert contrast(shown, empty) >= 3


def test_the_track_and_the_waiting_reward_stand_out_from_all_of_the_ground() -> None:
    ground = {pixel for _, pixel in bare(1).getcolors(10_000) or [] if isinstance(pixel, tuple)}
    shades = [Rgb(*pixel) for pixel in ground]
    assert len(shades) > 1
    track = row(picture(stamps(0)), 1)[8]
    grey = at(picture(stamps(0)), 338, 70)
    assert (track, grey) == (COFFEE.track, COFFEE.grey)
    assert min(contrast(shown, shade) for shown in (track, grey, COFFEE.reward) for shade in shades) >= 3


def test_the_words_of_the_demo_card_are_readable() -> None:
    assert contrast(COFFEE.foreground, COFFEE.background) >= 4.5
    assert contrast(COFFEE.label, COFFEE.background) >= 4.5
    assert theme_faults(COFFEE) == []


@pytest.mark.parametrize("eyes", ["all", *BLINDNESS])
def test_no_two_kinds_of_cell_look_alike_to_any_eyes(eyes: str) -> None:
    early = ["track", "fill", "endowed", "gained"]
    late = ["track", "strong", "endowed", "gained"]
    for names in (early, late):
        for one, other in combinations(names, 2):
            apart_by = _distance(_seen(getattr(COFFEE, one), eyes), _seen(getattr(COFFEE, other), eyes))
            assert apart_by >= TOLD_APART, (one, other, apart_by)


@pytest.mark.parametrize("eyes", ["all", *BLINDNESS])
def test_grey_and_coloured_reward_differ_to_any_eyes(eyes: str) -> None:
    assert _distance(_seen(COFFEE.grey, eyes), _seen(COFFEE.reward, eyes)) >= TOLD_APART


def test_kinds_of_cell_differ_without_any_colour() -> None:
    """Edges met on the way through the middle of a cell: none if plain or empty, some if given or gained."""
    shown = picture(stamps(4, endowed=1, gained=1), 2).convert("L")

    def edges(place: int) -> int:
        left = round(BAR_LEFT * 2 + 606 / 12 * place) + 3
        line = shown.crop((left, 144, left + 39, 145)).tobytes()
        return sum(abs(a - b) > 40 for a, b in pairwise(line))

    given, plain, gained, empty = (edges(place) for place in (0, 1, 3, 4))
    assert plain == empty == 0
    assert given >= 2
    assert gained >= 2
    assert given != gained


@pytest.mark.parametrize(
    "background", ["#000000", "#262c38", "#0b3d2e", "#7a1f3d", "#5a6b7c", "#e9e2d8", "#ffffff", "#1d4ed8"]
)
def test_a_background_alone_makes_a_theme_without_faults(background: str) -> None:
    assert theme_faults(derived(colour(background))) == []


def test_a_fault_names_both_colours_the_figure_and_the_way_out() -> None:
    pale = Theme(**{**vars(derived(WHITE)), "foreground": Rgb(200, 200, 200)})
    assert theme_faults(pale) == [
        "foreground #c8c8c8 on background #ffffff has a contrast of 1.67 to 1;"
        " make one of them lighter or darker until it is at least 4.5 to 1."
    ]


def test_colours_move_only_as_far_as_they_must() -> None:
    assert apart(WHITE, ground=BLACK, ratio=3, towards=WHITE) == WHITE
    assert contrast(apart(BLACK, ground=BLACK, ratio=3, towards=WHITE), BLACK) == pytest.approx(3, abs=0.3)
    assert apart(BLACK, ground=WHITE, ratio=22, towards=BLACK) == BLACK
    assert mix(BLACK, WHITE, 0.5) == Rgb(128, 128, 128)


def _seen(shade: Rgb, eyes: str) -> tuple[float, ...]:
    light = [_linear(part / 255) for part in shade]
    if eyes == "all":
        return tuple(light)
    return tuple(
        min(max(sum(weight * part for weight, part in zip(line, light, strict=True)), 0), 1)
        for line in BLINDNESS[eyes]
    )


def _distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(_lab(one), _lab(other), strict=True)) ** 0.5)


def _lab(light: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        float(part ** (1 / 3)) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
