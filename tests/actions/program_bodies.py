"""The JSON of the worked programs, and of programs that differ from them in one place."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from tests.examples import FOLDER, body

EXAMPLES = {path.stem: body(path.stem) for path in sorted(FOLDER.glob("*.json"))}
GONE = object()
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def changed(example: str, **places: Any) -> dict[str, Any]:
    """An example with something else at a place, such as rewards__0__cost=-1."""
    made = deepcopy(EXAMPLES[example])
    for place, value in places.items():
        *way, last = [int(step) if step.isdigit() else step for step in place.split("__")]
        inner: Any = made
        for step in way:
            inner = inner[step]
        if value is GONE:
            del inner[last]
        else:
            inner[last] = value
    return made
