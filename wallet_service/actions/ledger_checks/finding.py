"""What does not add up: where, and what, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from wallet_service.domain.lots import Take
from wallet_service.domain.program import Program

Row = dict[str, Any]
"""The columns of a table by name."""


@dataclass(frozen=True)
class Finding:
    """`kind` is looked up in docs/ledger.md, which says what it means and what the way out is."""

    kind: str
    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence} ({self.kind})"


class Fault(NamedTuple):
    """A finding whose place the caller knows."""

    kind: str
    sentence: str


class Line(NamedTuple):
    """An entry as it was read, with what it took from which lot, and the program that decided it."""

    row: Row
    takes: tuple[Take, ...]
    program: Program
