"""Pictures that were looked at once stay as they are, to the byte, with the pinned libraries."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from tests.art.goldens import DENSITIES, FOLDER, drawn, file
from tests.art.pixels import read


@pytest.mark.parametrize(("name", "scale"), DENSITIES)
def test_a_picture_is_the_one_that_was_approved(name: str, scale: int) -> None:
    now, approved = drawn(DENSITIES[name, scale], scale), file(name, scale).read_bytes()
    assert ImageChops.difference(read(now), read(approved)).getbbox() is None, "it looks different"
    assert now == approved, "it looks the same, but its bytes differ: was a library replaced?"


def test_every_approved_picture_is_still_compared() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {file(*key).name for key in DENSITIES}
