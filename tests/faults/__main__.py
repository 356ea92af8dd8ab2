"""`make faults`: every case at its full count, several at a time, and the table of what came of it."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.cases import FAULTS, LOADS
from tests.faults.count import table
from tests.faults.lanes import run_all, say


def main() -> None:
    wish, began = _wish(), time.monotonic()
    say(f"SEED={wish.seed} replays this run.")
    loads = [load for load in LOADS if wish.only in load.name]
    faults = [fault for fault in FAULTS if wish.only in fault.name]
    with tempfile.TemporaryDirectory(prefix="wallet-faults-") as name:
        counts = run_all(loads, faults, wish.scale, wish.seed, Path(name))
    say(f"\n{table(counts)}\n\n{len(counts)} cases in {time.monotonic() - began:.0f} s, SEED={wish.seed}")
    sys.exit(not all(count.held for count in counts))


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
