"""A bar that goes back comes with a sentence that says why."""

from __future__ import annotations

from pathlib import Path

from tests.shop import make_shop


def test_D11_what_was_taken_back_is_said_on_the_card(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    card = shop.join("Alice")
    booked = shop.earn(card)
    before = shop.face(card)
    shop.undo(booked)
    after = shop.face(card)
    assert after.progress.value == before.progress.value - 1
    assert after.news["en"] == "Taken back at the till. 2 of 12 now."
    assert after.history[0].text["en"] == "Taken back: \N{MINUS SIGN}1\u00a0stamp"
