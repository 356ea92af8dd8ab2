"""A program may ask for codes that turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shop import make_shop
from wallet_service.actions.live_code import Scanned, scanned
from wallet_service.domain.errors import CodeRanOut, Invalid
from wallet_service.domain.rotating import code_at, key_of


def test_a_code_that_turns_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    assert shop.publish() == shop.publish(rotating_code=False) == 1  # also for files from before it
    assert [shop.publish(rotating_code=True), shop.publish(rotating_code=True), shop.publish()] == [2, 2, 3]


@pytest.mark.parametrize("said", ["yes", 1, None])
def test_it_is_on_or_off(tmp_path: Path, said: object) -> None:
    with pytest.raises(Invalid, match="rotating_code"):
        make_shop(tmp_path).publish(rotating_code=said)


def test_S23_a_code_outlives_a_new_key_and_ends_with_the_old_one(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    card, now = shop.join(), shop.clock()
    code = shop.face(card).number + code_at(key_of("old", card), now)
    with shop.services.sessions.read() as session:
        assert scanned(session, code, secret_keys=("new", "old"), now=now) == Scanned(card, live=True)
        with pytest.raises(CodeRanOut):
            scanned(session, code, secret_keys=("new",), now=now)
