"""What a designer writes in template.toml, and what happens when it is wrong or missing."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tests.art.pixels import COFFEE, TEMPLATE
from wallet_service.art.colour import Rgb, colour
from wallet_service.art.theme import SLATE, BarStyle, Icon, Theme, derived, load_theme, theme_faults
from wallet_service.domain.errors import Invalid

WHOLE = """
[colours]
background = "#000000"
[bar]
style = "line"
radius = 4
swell = false
[reward]
icon = "gift"
colour = "#ffffff"
[google]
anything = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def written(folder: Path, text: str) -> Path:
    (folder / "template.toml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        load_theme(written(folder, text))
    return refusal.value.detail.replace(str(folder), "")


@pytest.mark.parametrize("text", ["rgb(255, 128, 0)", "rgb(255,128,0)", "#ff8000", "#FF8000", " #ff8000 "])
def test_a_colour_may_be_written_as_apple_or_as_google_writes_it(text: str) -> None:
    assert colour(text) == Rgb(255, 128, 0)
    assert colour(text).hex == "#ff8000"


@pytest.mark.parametrize(
    "text", ["", "red", "#ff80", "rgb(256, 0, 0)", "rgb(1, 2)", "rgb(-1, 0, 0)", "#gg0000"]
)
def test_anything_else_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="rgb"):
        colour(text)


def test_the_demo_template_says_how_its_card_looks() -> None:
    assert (COFFEE.style, COFFEE.icon, COFFEE.radius) == (BarStyle.AUTO, Icon.CUP, 9)
    card = json.loads((TEMPLATE / "pass.json").read_text(encoding="utf-8"))
    assert colour(card["backgroundColor"]) == COFFEE.background


def test_a_folder_without_template_toml_follows_its_pass_json(folder: Path) -> None:
    (folder / "pass.json").write_text('{"backgroundColor": "rgb(11, 61, 46)", "labelColor": "rgb(1,2,3)"}')
    theme = load_theme(folder)
    assert theme.background == Rgb(11, 61, 46)
    assert theme.label == Rgb(1, 2, 3)
    assert not [fault for fault in theme_faults(theme) if not fault.startswith("label")]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"backgroundColor": 5}', '{"backgroundColor": "{{brand}}"}']
)
def test_a_pass_json_without_a_usable_colour_gives_the_plain_theme(folder: Path, content: str) -> None:
    (folder / "pass.json").write_text(content)
    assert load_theme(folder) == derived(SLATE)


def test_an_empty_folder_still_has_a_theme(folder: Path) -> None:
    assert theme_faults(load_theme(folder)) == []


def test_what_is_written_wins_and_the_rest_fits_to_it(folder: Path) -> None:
    (folder / "pass.json").write_text('{"backgroundColor": "rgb(11, 61, 46)"}')
    theme = load_theme(written(folder, WHOLE))
    assert theme.background == Rgb(0, 0, 0)
    assert (theme.style, theme.radius, theme.swell, theme.icon) == (BarStyle.LINE, 4, False, Icon.GIFT)
    assert theme.reward == Rgb(255, 255, 255)
    assert theme_faults(theme) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[bar]\nfill = "red"', '/template.toml: bar.fill = "red" cannot be used: a colour is written rgb('),
        ("[bar]\nfill = 5", "/template.toml: bar.fill = 5 cannot be used: a colour is written"),
        ('[bar]\nstyle = "dots"', "\"dots\" cannot be used: it should be 'cells', 'line' or 'auto'."),
        ('[reward]\nicon = "beer"', "it should be 'cup', 'gift', 'percent' or 'star'."),
        ("[bar]\nradius = 99", "bar.radius = 99 cannot be used: it should be less than or equal to 18."),
        ('[bar]\ncolor = "red"', 'bar.color = "red" cannot be used: there is no such key; take it away'),
        ("bar = 3", "/template.toml: bar = 3 cannot be used"),
        ("[bar", "/template.toml is not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_key_value_and_remedy(folder: Path, text: str, told: str) -> None:
    assert told in refused(folder, text)


def test_bytes_that_are_no_text_are_refused_too(folder: Path) -> None:
    (folder / "template.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="not TOML"):
        load_theme(folder)


def test_a_theme_cannot_be_changed_and_its_digest_says_all_of_it() -> None:
    with pytest.raises(FrozenInstanceError):
        COFFEE.fill = Rgb(1, 2, 3)  # type: ignore[misc]
    other = Theme(**{name: getattr(COFFEE, name) for name in COFFEE.__dataclass_fields__} | {"radius": 3})
    assert COFFEE.digest == load_theme(TEMPLATE).digest
    assert COFFEE.digest != other.digest
