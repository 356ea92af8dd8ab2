"""The strip as Apple wants it (I1 to I8)."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from tests.art.pixels import COFFEE, TEMPLATE, at, cropped, filled, meaningful, picture, points, read, stamps
from wallet_service.art.strip import SCALES, strip
from wallet_service.domain.progress import Progress

STATES = [
    stamps(0),
    stamps(3, endowed=2, gained=1),
    stamps(12),
    points(1, 900),
    points(47, endowed=9),
    points(100),
]
SLOTS = {"icon": (38, 38), "logo": (160, 50)}
DENSITIES = {"": 1, "@2x": 2, "@3x": 3}


@pytest.mark.parametrize("density", DENSITIES)
def test_I1_the_demo_card_has_its_icon_in_every_density(density: str) -> None:
    shown = read((TEMPLATE / f"icon{density}.png").read_bytes())
    assert shown.size == (38 * DENSITIES[density], 38 * DENSITIES[density])
    assert shown.mode == "RGB"


@pytest.mark.parametrize("scale", SCALES)
def test_I2_a_strip_is_375_by_144_points(scale: int) -> None:
    assert picture(stamps(3), scale).size == (375 * scale, 144 * scale)


@pytest.mark.parametrize("height", [123, 98])
@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("state", STATES)
def test_I2_a_crop_to_123_or_98_points_loses_nothing(state: Progress, scale: int, height: int) -> None:
    whole = picture(state, scale)
    _, top, _, bottom = meaningful(whole, scale)
    assert (144 - height) * scale / 2 <= top
    assert bottom <= (144 + height) * scale / 2
    assert _filled_line(cropped(whole, height, scale), scale) == filled(whole, scale)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("state", STATES)
def test_I3_a_small_plain_png_and_nothing_else_in_it(state: Progress, scale: int) -> None:
    content = strip(state, COFFEE, scale)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert [name for name, _ in _chunks(content)] == ["IHDR", *["IDAT"] * (len(_chunks(content)) - 2), "IEND"]
    depth, kind, interlace = _chunks(content)[0][1][8], _chunks(content)[0][1][9], _chunks(content)[0][1][12]
    assert (depth, kind, interlace) == (8, 2, 0)
    assert len(content) < 40_000


def test_I3_equal_states_are_equal_bytes_in_another_process_too() -> None:
    script = "from tests.art.test_strip_for_apple import fingerprint as asked; print(asked())"
    root = Path(__file__).parents[2]
    other = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == fingerprint()


def test_I4_what_the_bar_says_is_also_a_number_that_can_be_read_aloud() -> None:
    style = json.loads((TEMPLATE / "pass.json").read_text())["storeCard"]
    fields = [field for place in ("header", "secondary", "auxiliary") for field in style[f"{place}Fields"]]
    assert any("{{balance}}" in field["value"] or "{{progress}}" in field["value"] for field in fields)


def test_I5_no_primary_field_lies_on_the_bar() -> None:
    style = json.loads((TEMPLATE / "pass.json").read_text())["storeCard"]
    assert not style.get("primaryFields")


def test_I6_no_picture_is_made_for_one_language_only() -> None:
    names = [{file.name for file in folder.glob("*.png")} for folder in TEMPLATE.glob("*.lproj")]
    assert all(found == names[0] for found in names)


def test_I7_the_plain_density_has_no_suffix() -> None:
    assert not list(TEMPLATE.rglob("*@1x*"))


def test_I8_every_picture_has_a_name_and_a_size_that_phones_know() -> None:
    known = {f"{slot}{density}.png": slot for slot in SLOTS for density in DENSITIES}
    pictures = [file for file in TEMPLATE.glob("*.png") if not file.name.startswith("google-")]
    for file in pictures:
        slot, density = known[file.name], DENSITIES[file.stem.removeprefix(known[file.name])]
        width, height = read(file.read_bytes()).size
        assert width <= SLOTS[slot][0] * density
        assert height <= SLOTS[slot][1] * density
    assert {file.name for file in pictures} == set(known)


def fingerprint() -> str:
    return sha256(b"".join(strip(state, COFFEE, scale) for state in STATES for scale in SCALES)).hexdigest()


def _filled_line(shown: Image.Image, scale: int) -> int:
    line = [at(shown, x, shown.height // 2) for x in range(16 * scale, 316 * scale)]
    return sum(pixel != COFFEE.track for pixel in line)


def _chunks(content: bytes) -> list[tuple[str, bytes]]:
    found, place = [], 8
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        found.append((content[place + 4 : place + 8].decode(), content[place + 8 : place + 8 + length]))
        place += length + 12
    return found
