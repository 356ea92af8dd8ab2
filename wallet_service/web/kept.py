"""What was looked at counts for a while, and a look that hangs is not waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from time import monotonic
from typing import Generic, TypeVar, cast

Found = TypeVar("Found")


class Kept(Generic[Found]):
    """One looks, and what was seen counts for some seconds; who comes meanwhile waits for it."""

    def __init__(self, seconds: float, look: Callable[[], Found]) -> None:
        self._seconds, self._look = seconds, look
        self._lock = threading.Lock()
        self._until, self._found = 0.0, cast(Found, None)

    def __call__(self) -> Found:
        with self._lock:
            if monotonic() >= self._until:
                self._found = self._look()
                self._until = monotonic() + self._seconds
            return self._found


class Within:
    """A look that may hang: then that is what was found, and it is not begun a second time."""

    def __init__(self, seconds: float, look: Callable[[], str]) -> None:
        self._seconds, self._look = seconds, look
        self._crew: ThreadPoolExecutor | None = None
        self._pending: Future[str] | None = None

    def __call__(self) -> str:
        if self._crew is None:  # after the fork of a server, if it forks
            self._crew = ThreadPoolExecutor(1, thread_name_prefix="probe")
        if self._pending is None:
            self._pending = self._crew.submit(self._look)
        try:
            found = self._pending.result(self._seconds)
        except TooSlow:
            return f"No answer within {self._seconds:.0f} s."
        self._pending = None
        return found
