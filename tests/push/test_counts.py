"""Limits are counted by all processes together where they share a Redis, and go on without it."""

from __future__ import annotations

from pathlib import Path

from tests.services import redis
from wallet_service.push.counts import Counts


def test_two_processes_count_one_caller_together(redis_url: str) -> None:
    here, there = Counts(redis_url), Counts(redis_url)
    told = [one.hit("together", "198.51.100.0/24") for one in (here, there, here)]
    assert [count for count, _ in filter(None, told)] == [1, 2, 3]
    assert all(1 <= left <= 60 for _, left in filter(None, told))


def test_one_caller_is_not_counted_for_another_nor_for_another_thing(redis_url: str) -> None:
    counts = Counts(redis_url)
    for what, who in (("apart", "a"), ("apart", "b"), ("besides", "a")):
        told = counts.hit(what, who)
        assert told is not None
        assert told[0] == 1


def test_without_a_redis_each_process_counts_for_itself(tmp_path: Path) -> None:
    assert Counts(f"sqlite:///{tmp_path / 'queue.db'}").hit("requests", "a") is None


def test_a_redis_that_is_gone_refuses_nobody_and_is_left_alone_for_a_while(tmp_path: Path) -> None:
    with redis.server(tmp_path) as address:
        counts = Counts(address)
        assert counts.hit("requests", "a")
    assert [counts.hit("requests", "a") for _ in range(3)] == [None] * 3
