"""How often somebody asked in this minute, counted by all processes together where they share a Redis."""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

MINUTE = 60
PATIENCE, PAUSE = 0.25, 5.0  # seconds that a till waits for it, and that a dead one is left alone
ONE_MORE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""


class Counts:
    """Never a reason to refuse anybody: without an answer each process counts for itself."""

    def __init__(self, queue_url: str) -> None:
        self._redis = _redis(queue_url)
        self._count = self._redis.register_script(ONE_MORE) if self._redis else None
        self._again = 0.0

    def hit(self, what: str, who: str) -> tuple[int, int] | None:
        """How many there were with this one, and in how many seconds they are forgotten."""
        if self._count is None or monotonic() < self._again:
            return None
        try:
            count, left = self._count(keys=[f"wallet.asked:{what}:{who}"], args=[MINUTE])
        except RedisError as error:
            self._again = monotonic() + PAUSE
            log.warning("Redis does not count (%s); each process counts for itself", type(error).__name__)
            return None
        return int(count), max(int(left), 1)


def _redis(queue_url: str) -> Any | None:
    if not queue_url.startswith(("redis", "unix")):
        return None
    return Redis.from_url(queue_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
