"""Two people at once, step by step: where one waits for the other, and what it finds then."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.shop import Shop, make_shop
from wallet_service.db.tables import Card


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = make_shop(tmp_path, database_url)
    yield shop
    shop.services.sessions.close()


def test_an_undo_that_waited_for_a_purchase_counts_from_the_new_balance(shop: Shop) -> None:
    card = shop.join()
    booked = shop.earn(card)
    with ThreadPoolExecutor(1) as other:
        with shop.services.sessions.begin() as session:
            row = session.scalars(select(Card).where(Card.serial == card).with_for_update()).one()
            row.balance, row.version = row.balance + 5, row.version + 1
            session.flush()
            undo = other.submit(shop.undo, booked)
            with pytest.raises(TimeoutError):
                undo.result(0.3)
        assert undo.result(5).entries[0].balance_after == 7
