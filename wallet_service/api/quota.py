"""How many requests a machine has left in this minute, of all processes together where they share a Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from flask import Response

from wallet_service.push.counts import Counts

MINUTE = 60.0
MOST_KNOWN = 10_000
"""So many callers are remembered before those whose minute is over are forgotten."""


@dataclass(frozen=True)
class Quota:
    """`reset` is in seconds; `left` is below 0 for a request too many."""

    most: int
    left: int
    reset: int

    def tell(self, response: Response) -> None:
        response.headers["RateLimit-Limit"] = str(self.most)
        response.headers["RateLimit-Remaining"] = str(max(self.left, 0))
        response.headers["RateLimit-Reset"] = str(self.reset)


class Counter:
    """So many a minute for each of those who are counted, from their first request on.

    No library for it: those that we have start a thread for every request, which costs as much as a booking.
    """

    def __init__(self, name: str, most: int, counts: Counts, time: Callable[[], float] = monotonic) -> None:
        self._name, self._counts = name, counts
        self._most, self._time, self._lock = most, time, threading.Lock()
        self._seen: dict[str, tuple[float, int]] = {}

    def count(self, who: str) -> Quota:
        if shared := self._counts.hit(self._name, who):
            return Quota(self._most, self._most - shared[0], shared[1])
        return self._own(who)

    def _own(self, who: str) -> Quota:
        now = self._time()
        with self._lock:
            until, before = self._seen.get(who, (0.0, 0))
            if until <= now:
                self._forget(now)
                until, before = now + MINUTE, 0
            self._seen[who] = until, before + 1
        return Quota(self._most, self._most - before - 1, max(ceil(until - now), 1))

    def _forget(self, now: float) -> None:
        if len(self._seen) >= MOST_KNOWN:
            self._seen = {who: seen for who, seen in self._seen.items() if seen[0] > now}
