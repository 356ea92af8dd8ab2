"""`make faults`: every case at its full count, lanes side by side, and the table of what came of it."""

from __future__ import annotations

import argparse
import json
import logging
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.faults.cases import ALONE, CASES
from tests.faults.count import Case, Count, table
from tests.faults.ground import ground
from tests.services.programs import die_with_us


def main() -> None:
    wish = _wish()
    if wish.lane:
        _run_lane(wish)
        return
    began = time.monotonic()
    say(f"SEED={wish.seed} replays this run.")
    lanes = list(dict.fromkeys(case.lane for case in _chosen(wish)))
    with tempfile.TemporaryDirectory(prefix="wallet-faults-") as name:
        counts = _side_by_side([lane for lane in lanes if lane == ALONE], wish, Path(name))
        counts += _side_by_side([lane for lane in lanes if lane != ALONE], wish, Path(name))
    say(f"\n{table(counts)}\n\n{len(counts)} cases in {time.monotonic() - began:.0f} s, SEED={wish.seed}")
    sys.exit(not all(count.held for count in counts))


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--lane", default="", help="the cases of one lane, in this process")
    parser.add_argument("--counts", type=Path, help="where the figures of a lane go")
    return parser.parse_args()


def _chosen(wish: argparse.Namespace) -> list[Case]:
    return [case for case in CASES if wish.only in case.name and wish.lane in ("", case.lane)]


def _side_by_side(lanes: list[str], wish: argparse.Namespace, folder: Path) -> list[Count]:
    """Each lane in a process of its own, so that none waits for another's tills."""
    started = [_start(lane, wish, folder / f"{lane}.json") for lane in lanes]
    counts: list[Count] = []
    for lane, process in zip(lanes, started, strict=True):
        process.wait()
        written = folder / f"{lane}.json"
        if not written.exists():
            counts.append(
                Count(lane, "the lane broke off", amiss=((folder / f"{lane}.log").read_text()[-800:],))
            )
            continue
        counts += [Count(**{**one, "amiss": tuple(one["amiss"])}) for one in json.loads(written.read_text())]
    return counts


def _start(lane: str, wish: argparse.Namespace, counts: Path) -> subprocess.Popen[bytes]:
    words = [
        "--seed",
        wish.seed,
        "--scale",
        wish.scale,
        "--only",
        wish.only,
        "--lane",
        lane,
        "--counts",
        counts,
    ]
    with counts.with_suffix(".log").open("wb") as log:
        command = [sys.executable, "-m", "tests.faults", *map(str, words)]
        return subprocess.Popen(command, stderr=log, preexec_fn=die_with_us)


def _run_lane(wish: argparse.Namespace) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    logging.getLogger().addHandler(logging.NullHandler())  # what the case counts need not be read, too
    ground()
    counts = [_run(case, wish) for case in _chosen(wish)]
    if wish.counts:
        wish.counts.write_text(json.dumps([asdict(count) for count in counts]))


def _run(case: Case, wish: argparse.Namespace) -> Count:
    """One case that breaks keeps no other from running."""
    began = time.monotonic()
    try:
        count = case.run(wish.scale, wish.seed)
    except Exception as error:  # noqa: BLE001 - whatever it is stands in the table
        say(traceback.format_exc(limit=-6))
        count = Count(case.name, "did not come to its end", amiss=(f"{type(error).__name__}: {error}"[:300],))
    verdict = "held  " if count.held else "BROKEN"
    say(f"{verdict} {count.case}: {count.done}, {time.monotonic() - began:.0f} s")
    return count


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
