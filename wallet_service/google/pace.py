"""How fast we may call: evenly spaced, slower for a while when Google complains (G25)."""

from __future__ import annotations

import threading
import time

from wallet_service import metrics

SLOWEST = 1.0
BACK_TO_SPEED = 1.02  # a complaint is forgotten after some hundred calls
CAMPAIGNS = 0.75  # of the lane: the rest is kept for what somebody waits for
LANE, GUESTS = 15.0, 2.0
"""Calls a second: the lane's one worker, and everybody beside it (saves, doctor). Spaced evenly, a second
that begins anywhere holds at most one more of each: 19, below the 20 that Google allows.
"""


class Pace:
    """`per_second` None: no limit. Even spacing, because a bucket that empties at once and again a second
    later would be twenty and twenty within a second of Google's.
    """

    def __init__(self, per_second: float | None) -> None:
        self._most = self._now = per_second
        self._lock = threading.Lock()
        self._next = 0.0

    @property
    def per_second(self) -> float | None:
        """As things stand now."""
        return self._now

    def wait(self) -> None:
        time.sleep(self._slot())

    def slow_down(self, seconds: float) -> None:
        """Half as fast, and not at all for so long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)
            if self._now is not None:
                self._now = max(self._now / 2, SLOWEST)

    def went_well(self) -> None:
        if self._most is None or self._now == self._most:
            return
        with self._lock:
            self._now = min((self._now or SLOWEST) * BACK_TO_SPEED, self._most)

    def _slot(self) -> float:
        with self._lock:
            moment = time.monotonic()
            at = max(self._next, moment)
            if self._now is not None:
                self._next = at + 1 / self._now
                metrics.GOOGLE_TOKENS.set(max(1 + moment - self._next, 0) * self._now)
            return at - moment


class Share:
    """The part of a pace for what may wait. Asked before the pace itself, so that a call of somebody else
    finds it free, however many wait here.
    """

    def __init__(self, pace: Pace, part: float = CAMPAIGNS) -> None:
        self._pace, self._part = pace, part
        self._lock = threading.Lock()
        self._next = 0.0

    def slot(self) -> float:
        """Books the next free moment; answers in how many seconds it is."""
        with self._lock:
            moment = time.monotonic()
            at = max(self._next, moment)
            if self._pace.per_second is not None:
                self._next = at + 1 / (self._pace.per_second * self._part)
        return at - moment
