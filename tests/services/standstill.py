"""Notices that this machine stood still: what fails meanwhile has shown nothing, and is tried again."""

from __future__ import annotations

import time
from threading import Thread

BEAT = 0.1
LONGEST = 1.0
"""Seconds that a beat may be late on a machine that is merely busy."""


class Standstill:
    """A heart that beats beside the tests. `felt` says whether it missed a beat since `begin`."""

    def __init__(self) -> None:
        self._felt = False
        Thread(target=self._beat, name="standstill", daemon=True).start()

    def begin(self) -> None:
        self._felt = False

    def felt(self) -> bool:
        return self._felt

    def _beat(self) -> None:
        last = time.monotonic()
        while True:
            time.sleep(BEAT)
            now = time.monotonic()
            self._felt = self._felt or now - last - BEAT > LONGEST
            last = now
