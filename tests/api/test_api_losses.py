"""The sandbox loses answers: exactly one in each block, after it was booked, and never a repeated one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.till import Till, answer, make_till
from wallet_service.api.losses import Losses

BLOCK = 5


@pytest.mark.parametrize("one_in", [1, 2, 20])
def test_one_answer_of_each_block_is_lost_wherever_in_it(one_in: int) -> None:
    losses = Losses(one_in)
    lost = [[losses.next_is_lost() for _ in range(one_in)] for _ in range(200)]
    assert [sum(block) for block in lost] == [1] * 200
    assert len({block.index(True) for block in lost}) == one_in


def test_production_loses_none() -> None:
    losses = Losses(0)
    assert not any(losses.next_is_lost() for _ in range(100))


def test_whoever_repeats_under_one_key_hears_every_answer_and_books_once(tmp_path: Path) -> None:
    with make_till(tmp_path, WALLET_API_DROPS=str(BLOCK)) as till:
        card = joined(till)
        heard = [press(till, card, f"press-{number}") for number in range(3 * BLOCK)]
        assert sum(heard) in (2, 3, 4)
        assert len(till.entries(card)) == 1 + 3 * BLOCK


def test_whoever_repeats_under_a_new_key_books_twice_and_can_see_it(tmp_path: Path) -> None:
    with make_till(tmp_path, WALLET_API_DROPS=str(BLOCK)) as till:
        card = joined(till)
        for number in range(3 * BLOCK):
            if press_once(till, card, f"press-{number}") is None:
                press_once(till, card, f"again-{number}")
        assert len(till.entries(card)) > 1 + 3 * BLOCK


def test_what_only_looks_is_never_lost(tmp_path: Path) -> None:
    with make_till(tmp_path, WALLET_API_DROPS="1") as till:
        card = joined(till)
        assert [till.get(f"/cards/{card}").status_code for _ in range(20)] == [200] * 20
        quotes = [till.ask("POST", f"/cards/{card}/quotes", json={"total": 1}) for _ in range(20)]
        assert [quote.status_code for quote in quotes] == [200] * 20


def joined(till: Till) -> str:
    """Asked twice: the first answer may be lost."""
    till.post("/programs/coffee/cards", {}, key="join")
    return str(answer(till.post("/programs/coffee/cards", {}, key="join"))["serial"])


def press(till: Till, card: str, key: str) -> bool:
    """Whether the answer was lost; the repeated one is the same and never is."""
    first = press_once(till, card, key)
    again = press_once(till, card, key)
    assert again is not None
    assert first in (None, again)
    return first is None


def press_once(till: Till, card: str, key: str) -> bytes | None:
    response = till.post(f"/cards/{card}/purchases", {"visits": 1}, key=key)
    if response.status_code == 201:
        return bytes(response.data)
    assert (response.status_code, response.data) == (502, b"")
    assert int(response.headers["Content-Length"]) > 100
    return None
