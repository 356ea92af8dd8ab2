"""A job that has its hour is done by one worker of all, and by another when that one is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.shop import Shop
from wallet_service.push.turns import Turns


def workers(shop: Shop, how_many: int = 2) -> list[Turns]:
    return [Turns(shop.services.sessions, shop.clock) for _ in range(how_many)]


def test_a_slot_of_time_belongs_to_whoever_asks_first(shop: Shop) -> None:
    first, second = workers(shop)
    assert first.take("sweep", 1)
    assert not second.take("sweep", 1)
    assert not first.take("sweep", 1)
    assert second.take("check", 60)


def test_the_next_slot_is_free_again_for_whoever_is_there(shop: Shop) -> None:
    first, second = workers(shop)
    assert first.take("sweep", 1)
    shop.clock.forward(minutes=1)
    assert second.take("sweep", 1)
    shop.clock.forward(seconds=30)
    assert not first.take("sweep", 1)


def test_eight_workers_that_ask_at_once_do_it_once(shop: Shop) -> None:
    many = workers(shop, 8)
    for _ in range(3):
        with ThreadPoolExecutor(len(many)) as threads:
            took = list(threads.map(lambda turns: turns.take("sweep", 1), many))
        assert took.count(True) == 1
        shop.clock.forward(minutes=1)


def test_a_clock_that_runs_a_little_ahead_does_not_do_it_twice(shop: Shop) -> None:
    first, second = workers(shop)
    now = shop.clock.now
    shop.clock.forward(seconds=70)
    assert first.take("sweep", 1)
    shop.clock.now = now
    assert not second.take("sweep", 1)


@pytest.mark.parametrize("years", [1, 12])
def test_fault_F11_a_slot_of_a_wrong_clock_holds_nobody_up(shop: Shop, years: int) -> None:
    first, second = workers(shop)
    now = shop.clock.now
    shop.clock.forward(days=365 * years)
    assert first.take("sweep", 1)
    shop.clock.now = now
    assert second.take("sweep", 1)
    assert not first.take("sweep", 1)
