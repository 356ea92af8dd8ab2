"""The queue carries wake-ups as JSON, and nothing breaks when it does not."""

from __future__ import annotations

import pickle
import sqlite3
from pathlib import Path

import pytest
from huey.registry import Message
from redis import Redis

from wallet_service.push.queue import JsonSerializer, Queue


def test_a_wake_up_is_json_on_the_wire(tmp_path: Path) -> None:
    Queue(f"sqlite:///{tmp_path / 'queue.db'}").wake()
    with sqlite3.connect(tmp_path / "queue.db") as stored:
        ((body,),) = stored.execute("SELECT data FROM task")
    assert b'queue.wake"' in bytes(body)
    stored.close()


def test_a_message_comes_back_as_it_went() -> None:
    message = Message(*["x"] * len(Message._fields))
    serializer = JsonSerializer()
    assert serializer.deserialize(serializer.serialize(message)) == message


def test_redis_carries_it_too(redis_url: str) -> None:
    Queue(redis_url).wake()
    with Redis.from_url(redis_url) as broker:
        (body,) = broker.lrange("huey.redis.wallet", 0, -1)
    assert b"queue.wake" in body


def test_a_crafted_pickle_runs_nothing() -> None:
    with pytest.raises(ValueError, match=r"codec|JSON|Expecting"):
        JsonSerializer().deserialize(pickle.dumps({"a": 1}))


def test_a_broker_that_is_gone_costs_no_sale(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue(f"sqlite:///{tmp_path / 'queue.db'}")
    (tmp_path / "queue.db").write_bytes(b"rubbish")
    queue.wake()
    assert "the wake-up was lost" in caplog.text
