"""Pictures are drawn once, kept for ever, and never missed for want of a folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from tests.art.pixels import COFFEE, points, read, stamps
from wallet_service.art.gallery import Gallery
from wallet_service.art.strip import strip
from wallet_service.art.theme import Icon

HALF = stamps(6, endowed=2, gained=1)


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "art")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "art").iterdir())


def test_an_address_leads_to_the_picture(gallery: Gallery) -> None:
    address = gallery.address(HALF, COFFEE, 3)
    assert gallery.open(address) == gallery.picture(HALF, COFFEE, 3) == strip(HALF, COFFEE, 3)


def test_an_address_still_leads_there_after_a_restart(gallery: Gallery, tmp_path: Path) -> None:
    address = gallery.address(HALF, COFFEE, 2)
    assert Gallery(tmp_path / "art").open(address) == strip(HALF, COFFEE, 2)


def test_a_kept_picture_is_not_drawn_again(gallery: Gallery, tmp_path: Path) -> None:
    gallery.picture(HALF, COFFEE, 1)
    (file,) = files(tmp_path)
    file.write_bytes(b"from the folder")
    assert gallery.picture(HALF, COFFEE, 1) == strip(HALF, COFFEE, 1)
    assert Gallery(tmp_path / "art").picture(HALF, COFFEE, 1) == b"from the folder"


def test_what_looks_different_has_another_address(gallery: Gallery) -> None:
    cup, gift = COFFEE, replace(COFFEE, icon=Icon.GIFT)
    seen = [
        gallery.address(HALF, cup, 1),
        gallery.address(HALF, cup, 2),
        gallery.address(HALF, gift, 1),
        gallery.address(stamps(6), cup, 1),
        gallery.address(points(6, 12), cup, 1),
    ]
    assert len(set(seen)) == len(seen)


def test_what_looks_the_same_shares_one(gallery: Gallery, tmp_path: Path) -> None:
    assert gallery.address(stamps(12), COFFEE, 1) == gallery.address(stamps(31), COFFEE, 1)
    assert gallery.address(stamps(0), COFFEE, 1) == gallery.address(stamps(-4), COFFEE, 1)
    assert gallery.address(points(500_000, 10**6), COFFEE, 1) == gallery.address(points(50), COFFEE, 1)
    assert len(files(tmp_path)) == 3


@pytest.mark.parametrize(
    "digest", ["", "a" * 63, "A" * 64, "a" * 64 + "\n", "../" + "a" * 61, "a" * 65, "é" * 64, "a" * 64]
)
def test_an_address_never_given_out_leads_nowhere(gallery: Gallery, digest: str) -> None:
    gallery.picture(HALF, COFFEE, 1)
    assert gallery.open(digest) is None


def test_a_deleted_folder_comes_back(gallery: Gallery, tmp_path: Path) -> None:
    address = gallery.address(HALF, COFFEE, 1)
    shutil.rmtree(tmp_path / "art")
    assert gallery.open(address) == strip(HALF, COFFEE, 1)
    assert gallery.picture(stamps(7), COFFEE, 1) == strip(stamps(7), COFFEE, 1)
    assert len(files(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_costs_no_picture(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "art").write_text("a file where the folder should be")
    gallery = Gallery(tmp_path / "art")
    address = gallery.address(HALF, COFFEE, 1)
    assert gallery.open(address) == strip(HALF, COFFEE, 1)
    assert "could not be kept" in caplog.text


def test_no_half_picture_and_no_scrap_is_left(gallery: Gallery, tmp_path: Path) -> None:
    """Many hands at once on the same new pictures."""
    states = [stamps(value) for value in range(13)]

    def draw() -> None:
        for state in states:
            gallery.picture(state, COFFEE, 1)

    hands = [Thread(target=draw) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(files(tmp_path)) == 13
    for file in files(tmp_path):
        assert file.suffix == ".png"
        assert read(file.read_bytes()).size == (375, 144)
