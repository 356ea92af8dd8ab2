"""`make faults`: every case at its full count, lanes side by side, and the table of what came of it."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from tests.faults.cases import ALONE, CASES
from tests.faults.count import Case, Count, table
from tests.faults.ground import ground


def main() -> None:
    wish = _wish()
    chosen = [case for case in CASES if wish.only in case.name]
    say(f"SEED={wish.seed} replays this run.")
    began = time.monotonic()
    ground()
    first = [case for case in chosen if case.lane == ALONE]
    rest = sorted((case for case in chosen if case.lane != ALONE), key=lambda case: case.lane)
    lanes = [list(lane) for _, lane in groupby(rest, key=lambda case: case.lane)]
    counts = _in_turn(first, wish)
    with ThreadPoolExecutor(len(lanes) or 1) as together:
        for lane in together.map(lambda lane: _in_turn(lane, wish), lanes):
            counts += lane
    say(f"\n{table(counts)}\n\n{len(counts)} cases in {time.monotonic() - began:.0f} s, SEED={wish.seed}")
    sys.exit(not all(count.held for count in counts))


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    return parser.parse_args()


def _in_turn(cases: Sequence[Case], wish: argparse.Namespace) -> list[Count]:
    return [_run(case, wish) for case in cases]


def _run(case: Case, wish: argparse.Namespace) -> Count:
    """One case that breaks keeps no other from running."""
    began = time.monotonic()
    try:
        count = case.run(wish.scale, wish.seed)
    except Exception as error:  # noqa: BLE001 - whatever it is stands in the table
        traceback.print_exc()
        count = Count(case.name, "did not come to its end", amiss=(f"{type(error).__name__}: {error}"[:300],))
    verdict = "held  " if count.held else "BROKEN"
    say(f"{verdict} {count.case}: {count.done}, {time.monotonic() - began:.0f} s")
    return count


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
