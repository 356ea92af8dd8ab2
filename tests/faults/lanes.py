"""Cases side by side: each lane is a process of its own, so that none waits for another's tills, and takes
the next case when it is done with the last.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import configure_mappers

from tests.faults.count import Case, Count, Load, finished
from tests.faults.ground import opened
from tests.faults.nursery import Nursery
from tests.services.programs import die_with_us

Done = TypeVar("Done")

LANES = 5
LOOKS = 0.1  # seconds between two
FORK = multiprocessing.get_context("fork")  # with everything imported and nothing opened


@dataclass(frozen=True)
class Board:
    """What all lanes share. `taken`: how many of the faults somebody has begun. `loud`: no load is measured
    any more. The counts lie in `folder`, by the names of their cases.
    """

    scale: float
    seed: int
    folder: Path
    nursery: Nursery
    taken: Synchronized[int] = field(default_factory=lambda: FORK.Value("i", 0))
    loud: Event = field(default_factory=FORK.Event)

    def keep(self, name: str, count: Count) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(asdict(count)))

    def count_of(self, name: str) -> Count:
        written = self.folder / f"{name}.json"
        if not written.exists():
            return Count(name, "its lane broke off", amiss=(self.log.read_text(errors="replace")[-800:],))
        said = json.loads(written.read_text())
        return Count(**said | {"amiss": tuple(said["amiss"])})

    @property
    def log(self) -> Path:
        return self.folder / "log"


def run_all(
    loads: Sequence[Load], faults: Sequence[Case], scale: float, seed: int, folder: Path
) -> list[Count]:
    """The loads first, and nothing beside them as long as they are measured."""
    configure_mappers()
    with closing(Nursery()) as nursery:
        board = Board(scale, seed, folder, nursery)
        lanes = [_lane(board, partial(_measure, board, loads))]
        while lanes[0].is_alive() and not board.loud.wait(LOOKS):
            pass
        lanes += [_lane(board, partial(_take, board, faults)) for _ in faults[:LANES]]
        for lane in lanes:
            lane.join()
    names = [load.name for load in loads] + [fault.name for fault in faults]
    return [board.count_of(name) for name in names]


def _lane(board: Board, work: Callable[[], None]) -> ForkProcess:
    process = FORK.Process(target=_live, args=(board, work))
    process.start()
    return process


def _live(board: Board, work: Callable[[], None]) -> None:
    die_with_us()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with board.log.open("ab") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    logging.getLogger().addHandler(logging.NullHandler())  # what the case counts need not be read, too
    with opened(board.nursery):
        work()


def _measure(board: Board, loads: Sequence[Load]) -> None:
    under_way = [(_Going(load.name), load.steps(board.scale, board.seed)) for load in loads]
    for going, steps in under_way:
        going.on(partial(next, steps))
    board.loud.set()
    for going, steps in under_way:
        board.keep(going.name, going.to_the_end(partial(finished, steps)))


def _take(board: Board, faults: Sequence[Case]) -> None:
    for case in _left(board, faults):
        count = _Going(case.name).to_the_end(partial(case.run, board.scale, board.seed))
        board.keep(case.name, count)


def _left(board: Board, faults: Sequence[Case]) -> Iterator[Case]:
    while True:
        with board.taken.get_lock():
            number = board.taken.value
            board.taken.value += 1
        if number >= len(faults):
            return
        yield faults[number]


@dataclass
class _Going:
    """A case under way. One that breaks keeps no other from running."""

    name: str
    seconds: float = 0.0
    broken: Count | None = None

    def to_the_end(self, work: Callable[[], Count]) -> Count:
        count = self.broken or self.on(work) or self.broken
        assert count is not None
        say(f"{'held  ' if count.held else 'BROKEN'} {count.case}: {count.done}, {self.seconds:.0f} s")
        return count

    def on(self, work: Callable[[], Done]) -> Done | None:
        began = time.monotonic()
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - whatever it is stands in the table
            say(traceback.format_exc(limit=-6))
            said = f"{type(error).__name__}: {error}"[:300]
            self.broken = Count(self.name, "did not come to its end", amiss=(said,))
            return None
        finally:
            self.seconds += time.monotonic() - began


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
