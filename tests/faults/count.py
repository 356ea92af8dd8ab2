"""What one fault came to, in figures; and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Self

HEAD = (
    "case",
    "what was done",
    "faults",
    "acked",
    "missing",
    "doubled",
    "stale",
    "amiss",
    "worst s",
    "verdict",
)


@dataclass(frozen=True)
class Findings:
    """What the checker found in a town at rest; as in a `Count`. `pushes`: accepted by APNs."""

    acknowledged: int
    missing: int
    doubled: int
    stale: int
    amiss: tuple[str, ...]
    worst: float
    pushes: int


@dataclass(frozen=True)
class Count:
    """`faults`: kills, pauses, restarts, wrong answers. `acknowledged`: what somebody was told is done.
    `missing` and `doubled` of it; `stale` cards at rest on a phone or at Google. `amiss` are sentences: every
    other invariant that did not hold, and every figure that was not reached. `worst` is the longest from a
    change to its push, in seconds; None where nothing of the kind was measured.
    """

    case: str
    done: str
    faults: int = 0
    acknowledged: int = 0
    missing: int = 0
    doubled: int = 0
    stale: int = 0
    amiss: tuple[str, ...] = ()
    worst: float | None = None

    @classmethod
    def of(cls, case: str, done: str, found: Findings, *, faults: int = 0, amiss: Iterable[str] = ()) -> Self:
        """`amiss`: what the case itself saw, beside the checker."""
        return cls(
            case,
            done,
            faults,
            found.acknowledged,
            found.missing,
            found.doubled,
            found.stale,
            (*amiss, *found.amiss),
            found.worst,
        )

    @property
    def held(self) -> bool:
        return not (self.missing or self.doubled or self.stale or self.amiss)

    @property
    def row(self) -> tuple[str, ...]:
        worst = "" if self.worst is None else f"{self.worst:.1f}"
        figures = (self.faults, self.acknowledged, self.missing, self.doubled, self.stale, len(self.amiss))
        return (self.case, self.done, *map(str, figures), worst, "held" if self.held else "BROKEN")


Steps = Generator[None, None, Count]
"""Stops once, where the machine need not be left alone any more; then looks at what came of it."""


@dataclass(frozen=True)
class Case:
    """`run(scale, seed)`: at scale 1 the counts that are promised, below it a share of them; the same seed
    does the same again.
    """

    name: str
    run: Callable[[float, int], Count]


@dataclass(frozen=True)
class Load:
    """Is held against the clock, so that nothing else may run until it stops."""

    name: str
    steps: Callable[[float, int], Steps]


def finished(steps: Steps) -> Count:
    """All that is left of it."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            count: Count = end.value
            return count


def table(counts: Iterable[Count]) -> str:
    """As plain text; what is amiss stands below it."""
    counts = list(counts)
    rows = [HEAD, *(count.row for count in counts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    notes = [f"{count.case}: {sentence}" for count in counts for sentence in count.amiss]
    return "\n".join([line.rstrip() for line in lines] + notes)
