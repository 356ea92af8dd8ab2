"""Two people at once, step by step: where one waits for the other, and what it finds then."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.shop import CASHIER, Shop, make_shop
from wallet_service.actions import earn
from wallet_service.domain.rules import Purchase


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
            earn.earn(
                session,
                card=card,
                purchase=Purchase(shop.clock(), visits=5),
                key="another till",
                actor=CASHIER,
                wallets=shop.services.wallets,
                now=shop.clock(),
            )
            undo = other.submit(shop.undo, booked)
            with pytest.raises(TimeoutError):
                undo.result(0.3)
        assert undo.result(5).entries[0].balance_after == 7
