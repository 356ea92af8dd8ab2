"""How many requests a machine has left in this minute, counted in memory by each process for itself."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter


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
    """So many a minute for each of those who are counted."""

    def __init__(self, most: int) -> None:
        self._most = RateLimitItemPerMinute(most)
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    def count(self, who: str) -> Quota:
        within = self._counted.hit(self._most, who)
        seen = self._counted.get_window_stats(self._most, who)
        reset = max(int(seen.reset_time - time.time()) + 1, 1)
        return Quota(self._most.amount, seen.remaining if within else -1, reset)
