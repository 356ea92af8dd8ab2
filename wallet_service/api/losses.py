"""The sandbox is unkind: of so many answers to writes one never arrives, so that whoever repeats nothing, or
repeats with a new key, notices on the first day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import SystemRandom

from flask import Response

Draw = Callable[[int], int]
CHANCE: Draw = SystemRandom().randrange


class Losses:
    """Exactly one in each block of `one_in` answers, at a place that nobody knows; none where it is 0."""

    def __init__(self, one_in: int, draw: Draw = CHANCE) -> None:
        self._one_in, self._draw, self._lock = one_in, draw, threading.Lock()
        self._turn = self._unlucky = 0

    def next_is_lost(self) -> bool:
        if not self._one_in:
            return False
        with self._lock:
            if self._turn == 0:
                self._unlucky = self._draw(self._one_in)
            lost = self._turn == self._unlucky
            self._turn = (self._turn + 1) % self._one_in
            return lost


def lost(answer: Response) -> Response:
    """What is promised and never comes makes the server break off the connection; whoever reads no further
    than the first line is not told either that all went well.
    """
    broken = Response(iter(()), status=502, mimetype=answer.mimetype)
    broken.headers["Content-Length"] = str(answer.content_length or 1)
    return broken
