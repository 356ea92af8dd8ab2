"""The queue carries wake-ups as JSON, and nothing breaks when it does not."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from huey import RedisHuey
from huey.registry import Message
from redis import Redis

from tests.services import redis
from tests.town import soon
from wallet_service import metrics
from wallet_service.push.bell import Bell
from wallet_service.push.fellows import Fellows
from wallet_service.push.queue import JsonSerializer, Queue


def test_a_wake_up_is_json_on_the_wire(tmp_path: Path) -> None:
    Queue(f"sqlite:///{tmp_path / 'queue.db'}").wake()
    assert b'queue.wake"' in soon(lambda: _waiting(tmp_path / "queue.db"))


def test_a_message_comes_back_as_it_went() -> None:
    message = Message(*["x"] * len(Message._fields))
    serializer = JsonSerializer()
    assert serializer.deserialize(serializer.serialize(message)) == message


def test_redis_carries_it_too(redis_url: str) -> None:
    Queue(redis_url).wake()
    with Redis.from_url(redis_url) as broker:
        assert soon(
            lambda: [body for body in broker.lrange("huey.redis.wallet", 0, -1) if b"queue.wake" in body]
        )


def test_a_crafted_pickle_runs_nothing() -> None:
    with pytest.raises(ValueError, match="none of ours"):
        JsonSerializer().deserialize(pickle.dumps({"a": 1}))


class Malice:
    """Whoever unpickles it makes a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._file,)


def test_S26_a_crafted_pickle_in_the_queue_runs_nothing_and_wake_ups_go_on(tmp_path: Path) -> None:
    woken, ran, file = tmp_path / "woken", tmp_path / "ran", tmp_path / "queue.db"
    queue = Queue(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as stored, stored:
        for junk in (pickle.dumps(Malice(ran)), b"", b"[]", b'{"message": [1]}', b"\xff" * 100):
            stored.execute("INSERT INTO task (queue, data, priority) VALUES ('wallet', ?, 9)", (junk,))
    command = [sys.executable, "-m", "tests.push.listening", f"sqlite:///{file}", str(woken)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        try:
            queue.wake()
            soon(woken.exists)
        finally:
            worker.terminate()
            said = worker.communicate()[1]
    assert not ran.exists()
    assert said.count("the queue cannot be read") == 1
    assert "Traceback" not in said


def test_a_queue_that_another_process_has_for_itself_stops_no_start(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'queue.db'}", tmp_path / "queue.db"
    Queue(url)
    with closing(sqlite3.connect(file, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        late = Queue(url)
    late.wake()
    assert soon(lambda: _waiting(file))


def test_S26_what_is_none_of_our_messages_is_counted() -> None:
    before = refused()
    for junk in (b"", b"[]", b"{}", b'{"message": [1]}', b"[" * 100_000):
        with pytest.raises(ValueError, match="none of ours"):
            JsonSerializer().deserialize(junk)
    assert refused() == before + 5


def refused() -> float:
    return sum(
        sample.value
        for figure in metrics.counted()
        for sample in figure.samples
        if sample.name.endswith("queue_refused_total")
    )


def test_a_broker_that_is_gone_costs_no_sale(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue(f"sqlite:///{tmp_path / 'queue.db'}")
    (tmp_path / "queue.db").write_bytes(b"rubbish")
    queue.wake()
    assert soon(lambda: "the wake-up was lost" in caplog.text)


def test_a_rush_of_wake_ups_is_few_for_the_broker_and_the_last_is_among_them() -> None:
    rung, held, let_go = list[int](), threading.Event(), threading.Event()
    pulled = count(1)

    def ring() -> None:
        rung.append(next(pulled))
        held.set()
        let_go.wait(10)

    bell = Bell(ring, "test")
    bell.pull()
    assert held.wait(10)
    for _ in range(50):
        bell.pull()  # while it rings for the first
    let_go.set()
    soon(lambda: len(rung) == 2)
    assert rung == [1, 2]


def test_who_takes_a_wake_up_passes_it_on_to_workers_of_other_wallets(redis_url: str) -> None:
    woken = threading.Event()
    deaf, fellow = (
        Fellows(RedisHuey(url=redis_url), lambda: None),
        Fellows(RedisHuey(url=redis_url), woken.set),
    )
    with fellow.heard():
        soon(lambda: _after(deaf.wake, woken))


def _after(ring: Callable[[], None], heard: threading.Event) -> bool:
    ring()
    return heard.is_set()


def test_who_listens_to_fellows_listens_again_when_the_broker_is_back(tmp_path: Path) -> None:
    woken = threading.Event()
    with redis.server(tmp_path) as address:
        fellow = Fellows(RedisHuey(url=address), woken.set)
        with fellow.heard():
            soon(lambda: _rung(fellow, woken))
            with Redis.from_url(address) as broker:
                broker.client_kill_filter(_type="pubsub")
            woken.clear()
            soon(lambda: _rung(fellow, woken))


def _rung(fellows: Fellows, woken: threading.Event) -> bool:
    fellows.wake()
    return woken.is_set()


def _waiting(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as stored:
        return b"".join(bytes(body) for (body,) in stored.execute("SELECT data FROM task"))
