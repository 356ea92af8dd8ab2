"""The picture on the front of Google's card, kept under an address that says what it shows."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import ImageChops

from tests.art.pixels import COFFEE, at, points, read, stamps
from wallet_service.art.bar import measured
from wallet_service.art.gallery import STRIP_KIND, Gallery
from wallet_service.art.hero import HERO, HERO_KIND, hero
from wallet_service.domain.progress import Progress

GOLDEN = Path(__file__).parent / "golden"
STATES = {
    "stamps-0-of-12": stamps(0),
    "stamps-half": stamps(6, endowed=2, gained=1),
    "stamps-full": stamps(12),
    "points-079": points(79, endowed=15, gained=8),
}


@pytest.mark.parametrize("name", STATES)
def test_a_hero_is_the_one_that_was_approved(name: str) -> None:
    now, approved = hero(STATES[name], COFFEE, 1), (GOLDEN / f"{name}.png").read_bytes()
    assert ImageChops.difference(read(now), read(approved)).getbbox() is None, "it looks different"
    assert now == approved, "it looks the same, but its bytes differ: was a library replaced?"


def test_every_approved_hero_is_still_compared() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(STATES)


@pytest.mark.parametrize("state", STATES.values())
def test_a_hero_is_wide_opaque_and_small(state: Progress) -> None:
    content = hero(state, COFFEE, 1)
    assert read(content).size == (1032, 336)
    assert read(content).mode == "RGB"
    assert len(content) < 40_000


def test_equal_states_are_equal_bytes_in_another_process_too() -> None:
    script = "from tests.google.test_hero import fingerprint; print(fingerprint())"
    root = Path(__file__).parents[2]
    other = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == fingerprint()


def fingerprint() -> str:
    return sha256(b"".join(hero(state, COFFEE, 1) for state in STATES.values())).hexdigest()


@pytest.mark.parametrize("value", range(13))
def test_as_many_cells_are_filled_as_there_are_stamps(value: int) -> None:
    shown, box = read(hero(stamps(value), COFFEE, 1)), measured(stamps(value), COFFEE, HERO).box
    cells = [box.x + box.width * (place + 0.5) / 12 for place in range(12)]
    assert sum(at(shown, x, box.y + box.height / 2) != COFFEE.track for x in cells) == value or value == 12


def test_each_state_has_one_address_and_no_two_that_look_different_share_it(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    states = [stamps(value) for value in range(13)]
    addresses = [gallery.address(state, COFFEE, 1, HERO_KIND) for state in states]
    assert len(set(addresses)) == 13
    assert gallery.address(stamps(20), COFFEE, 1, HERO_KIND) == addresses[12]
    assert gallery.address(stamps(3), replace(COFFEE, radius=2), 1, HERO_KIND) not in addresses
    assert gallery.address(stamps(3), COFFEE, 1, STRIP_KIND) not in addresses
    assert gallery.open(addresses[3]) == hero(stamps(3), COFFEE, 1)


def test_a_picture_that_is_kept_lies_under_its_content_and_survives_a_restart(tmp_path: Path) -> None:
    digest = Gallery(tmp_path).keep(b"a picture")
    assert digest == sha256(b"a picture").hexdigest()
    assert Gallery(tmp_path).open(digest) == b"a picture"
    assert Gallery(tmp_path).keep(b"a picture") == digest
    assert len(list(tmp_path.iterdir())) == 1


def main() -> None:
    """`python -m tests.google.test_hero` draws the approved ones anew."""
    GOLDEN.mkdir(exist_ok=True)
    for name, state in STATES.items():
        (GOLDEN / f"{name}.png").write_bytes(hero(state, COFFEE, 1))


if __name__ == "__main__":
    main()
