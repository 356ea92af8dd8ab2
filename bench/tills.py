"""Shops on real databases, as durable as in a real one, and writers that all press at once."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.services import postgres
from tests.shop import Shop, make_shop

DURABLE = {"fsync": "on", "shared_buffers": "128MB"}
"""What a purchase waits for when it counts: the disk."""


class Now:
    """The clock on the wall, where tests hold one that stands still."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@contextmanager
def shops() -> Iterator[dict[str, Shop]]:
    """One on each database, by its name."""
    with tempfile.TemporaryDirectory() as name, postgres.cluster(**DURABLE) as server:
        folder = Path(name)
        with postgres.database(server) as address:
            opened = {
                "SQLite": make_shop(folder / "small", f"sqlite:///{folder / 'wallet.db'}"),
                "PostgreSQL": make_shop(folder / "large", address),
            }
            yield opened
            for shop in opened.values():
                shop.services.sessions.close()


def rate(work: Callable[[], None], writers: int, seconds: float) -> float:
    """How often a second, by so many threads of this process: that is how the web server runs."""
    gate, done = threading.Barrier(writers + 1), [0] * writers
    threads = [
        threading.Thread(target=_write, args=(work, gate, done, turn, seconds)) for turn in range(writers)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def _write(
    work: Callable[[], None], gate: threading.Barrier, done: list[int], turn: int, seconds: float
) -> None:
    gate.wait()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        work()
        done[turn] += 1
