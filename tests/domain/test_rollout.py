"""When a change that goes out to all cards is halted."""

from __future__ import annotations

import pytest

from wallet_service.domain.rollout import FEW, MANY, too_many


@pytest.mark.parametrize(
    ("marked", "most"), [(10, FEW), (500, FEW), (10_000, 100), (1_000_000, MANY), (10_000_000, MANY)]
)
def test_N18_one_in_a_hundred_is_too_many_and_so_are_thousands_of_however_many(
    marked: int, most: int
) -> None:
    assert not too_many(most, marked)
    assert too_many(most + 1, marked)
