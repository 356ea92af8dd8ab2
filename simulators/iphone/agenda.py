"""What the phone will do later: pushes, retries and deferred looks, off the request's back."""

import heapq
import itertools
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

Work = Callable[[], object]


class Agenda:
    """One thread watches the clock, a few others do the work."""

    def __init__(self, workers: int = 8) -> None:
        self._due: list[tuple[float, int, Work]] = []
        self._count = itertools.count()
        self._wake = threading.Condition()
        self._stopped = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="iphone")
        self._thread = threading.Thread(target=self._watch, name="iphone-agenda", daemon=True)
        self._thread.start()

    def later(self, seconds: float, work: Work) -> None:
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._count), work))
            self._wake.notify()

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _watch(self) -> None:
        while (work := self._next()) is not None:
            self._pool.submit(work).add_done_callback(_report)

    def _next(self) -> Work | None:
        with self._wake:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._wake.wait(wait)
        return None


def _report(done: Future[object]) -> None:
    """A fault of the simulator itself must be seen, not swallowed by the pool."""
    fault = None if done.cancelled() else done.exception()
    if fault:
        traceback.print_exception(fault)
