"""Runs two or three transactions against each other step by step, in every order there is: random load
may never meet the one that loses a change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

PATIENCE = 0.03
"""Seconds until a step that does not come back is taken to wait for somebody's lock."""
LONGEST = 20.0

Script = Callable[[], Iterator[None]]
"""Each `yield` ends a step. A lock or a transaction that is held there is held while others go on."""


def orders(*steps: int) -> list[tuple[int, ...]]:
    """Every order in which so many steps of each actor can follow one another."""
    wanted = [actor for actor, many in enumerate(steps) for _ in range(many)]
    return sorted(set(permutations(wanted)))


def play(scripts: Sequence[Script], order: Sequence[int]) -> None:
    """Whoever waits for a lock gets the next turn when it is free; at the end everybody has finished. What
    an actor raises is raised here.
    """
    actors = [_Actor(script) for script in scripts]
    for number in order:
        actors[number].step()
    for actor in actors:
        actor.let_go()
    for actor in actors:
        actor.finish()


class _Actor:
    """A script in a thread of its own, as a connection belongs to one."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._go, self._came_back = threading.Semaphore(0), threading.Semaphore(0)
        self._under_way = 0
        self._alone = False
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Returns when it is done, or waits for somebody."""
        self._go.release()
        self._under_way += 1
        patience = PATIENCE / self._under_way  # who waited a moment ago most likely still does
        while self._under_way and self._came_back.acquire(timeout=patience):
            self._under_way -= 1

    def let_go(self) -> None:
        self._alone = True
        self._go.release()

    def finish(self) -> None:
        self._thread.join(LONGEST)
        if self._thread.is_alive():
            raise AssertionError("an actor waits for ever")
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        self._go.acquire()
        try:
            for _ in self._script():
                self._came_back.release()
                if not self._alone:
                    self._go.acquire()
        except BaseException as fault:  # noqa: BLE001 - handed to the test
            self._fault = fault
        self._came_back.release()
