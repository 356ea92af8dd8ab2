"""How many requests a machine may make, and how it hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.till import Till, make_key, make_till, problem
from wallet_service.api.quota import MOST_KNOWN, Counter
from wallet_service.push.counts import Counts

ALONE = Counts("sqlite://")


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with make_till(tmp_path, WALLET_API_RATE="4") as opened:
        yield opened


def test_every_answer_says_how_many_requests_are_left(till: Till) -> None:
    card = till.join()
    answers = [till.get(f"/cards/{card}"), till.get("/cards/1"), till.post(f"/cards/{card}/purchases", {})]
    assert [answer.headers["RateLimit-Limit"] for answer in answers] == ["4"] * 3
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    assert all(1 <= int(answer.headers["RateLimit-Reset"]) <= 61 for answer in answers)


def test_what_is_no_call_is_not_counted(till: Till) -> None:
    for answer in (till.get("/nothing"), till.ask("DELETE", "/cards/1"), till.get("/docs")):
        assert "RateLimit-Limit" not in answer.headers


def test_one_too_many_is_told_when_to_come_back_and_books_nothing(till: Till) -> None:
    card = till.join()
    for _ in range(3):
        assert till.get(f"/cards/{card}").status_code == 200
    refused = till.post(f"/cards/{card}/purchases", {"visits": 1})
    assert problem(refused) == (429, "too-much")
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert refused.headers["RateLimit-Remaining"] == "0"
    till.key = make_key(till.shop, "another")
    assert till.entries(card) == [("grant", 2)]


def test_each_key_is_counted_by_itself(till: Till) -> None:
    for _ in range(4):
        till.get("/cards/1")
    assert till.get("/cards/1").status_code == 429
    till.key = make_key(till.shop, "another")
    assert till.get("/cards/1").status_code == 400


def test_a_minute_later_all_requests_are_there_again() -> None:
    clock = [0.0]
    counter = Counter("requests", 2, ALONE, lambda: clock[0])
    assert [counter.count("till").left for _ in range(3)] == [1, 0, -1]
    clock[0] = 59.5
    assert (counter.count("till").left, counter.count("till").reset) == (-2, 1)
    clock[0] = 60.0
    assert (counter.count("till").left, counter.count("till").reset) == (1, 60)


def test_a_stranger_with_ten_thousand_networks_fills_no_memory() -> None:
    clock = [0.0]
    counter = Counter("requests", 2, ALONE, lambda: clock[0])
    for minute in range(3):
        clock[0] = minute * 60.0
        for network in range(MOST_KNOWN):
            counter.count(f"{minute}.{network}")
    assert len(counter._seen) <= 2 * MOST_KNOWN
