"""All cases, in the order of their lanes. Cases of one lane run one after the other."""

from __future__ import annotations

from functools import partial

from tests.faults import killed
from tests.faults.count import Case
from tests.faults.ground import POSTGRESQL, SQLITE

ALONE = "alone"
"""Before everything else, while nothing else runs: what holds a load against the clock."""
SMALL, LARGE, OUTSIDE = SQLITE, POSTGRESQL, "outside"

CASES: tuple[Case, ...] = (
    Case("F1 F2 killed, SQLite", SMALL, partial(killed.run, SQLITE)),
    Case("F1 F2 killed, PostgreSQL", LARGE, partial(killed.run, POSTGRESQL)),
)
