"""Signed passes kept in memory; each is made once, however many ask for it at the same moment (S20)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from time import perf_counter

from wallet_service import metrics
from wallet_service.domain.errors import Unavailable

PATIENCE = 20.0


class FinishedPasses:
    """The least recently wanted go first when `most_bytes` are reached."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self._being_made: dict[Hashable, Future[bytes]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Who comes second waits for the first, and hears of its failure too."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                metrics.SIGN_CACHE_HITS.inc()
                return self._kept[key]
            pending = self._being_made.get(key)
            if pending is None:
                mine = self._being_made[key] = Future[bytes]()
        if pending is not None:
            return _awaited(pending)
        return self._make(key, mine, make)

    def kept(self, key: Hashable) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _make(self, key: Hashable, mine: Future[bytes], make: Callable[[], bytes]) -> bytes:
        began = perf_counter()
        try:
            made = make()
        except BaseException as error:
            self._done(key)
            mine.set_exception(error)
            raise
        metrics.SIGN_SECONDS.saw(perf_counter() - began)
        self._done(key, made)
        mine.set_result(made)
        return made

    def _done(self, key: Hashable, made: bytes | None = None) -> None:
        with self._lock:
            del self._being_made[key]
            if made is None:
                return
            self._kept[key] = made
            self._bytes += len(made)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._kept.popitem(last=False)[1])


def _awaited(pending: Future[bytes]) -> bytes:
    try:
        return pending.result(PATIENCE)
    except TimeoutError as error:
        raise Unavailable("This card is still being signed.", retry_after=5) from error
