"""Workers on one Redis pass a wake-up on: who took it may not serve the wallet that is meant."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from huey import Huey, RedisHuey
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WOKEN = "wallet.woken"
PATIENCE = 1.0


class Fellows:
    """Nothing on SQLite, where one worker is the rule; a wake-up that is lost here costs a second too."""

    def __init__(self, huey: Huey, heard: Callable[[], None]) -> None:
        self._redis: Any = huey.storage.conn if isinstance(huey, RedisHuey) else None
        self._heard, self._stopping = heard, threading.Event()

    def wake(self) -> None:
        if self._redis is not None:
            try:
                self._redis.publish(WOKEN, "")
            except RedisError as error:
                log.warning("a wake-up was not passed on (%s)", type(error).__name__)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Meanwhile their wake-ups are ours too."""
        listening = threading.Thread(target=self._listen, name="fellows", daemon=True)
        if self._redis is not None:
            listening.start()
        try:
            yield
        finally:
            self._stopping.set()
            if self._redis is not None:
                listening.join(2 * PATIENCE)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._until_it_breaks()
            except (RedisError, OSError):
                self._stopping.wait(PATIENCE)

    def _until_it_breaks(self) -> None:
        with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(WOKEN)
            while not self._stopping.is_set():
                if channel.get_message(timeout=PATIENCE):
                    self._heard()
