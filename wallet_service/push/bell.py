"""Rings in a thread of its own: whoever pulls goes on at once, and those who pull while it rings are one."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Bell:
    """`ring` handles its own failures. Begins with the first pull, so that a fork before it does no harm."""

    def __init__(self, ring: Callable[[], None], name: str) -> None:
        self._ring, self._name = ring, name
        self._pulled, self._beginning = threading.Event(), threading.Lock()
        self._begun = False

    def pull(self) -> None:
        self._pulled.set()
        if not self._begun:
            self._begin()

    def _begin(self) -> None:
        with self._beginning:
            if not self._begun:
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
                self._begun = True

    def _run(self) -> None:
        while self._pulled.wait():
            self._pulled.clear()
            self._ring()
