"""`make bench`: every module here that can `measure`, one line for each figure."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import bench
from bench.result import Result
from bench.told import told


def main() -> None:
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended and swept away
    results = []
    for result in _measured(asked.only):
        print(_line(result), flush=True)
        results.append(result)
    if asked.json:
        asked.json.write_text(json.dumps([_as_json(result) for result in results], indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "only", nargs="*", help="modules to run, for example: signing; all when none is named"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


def _measured(only: list[str]) -> Iterator[Result]:
    for found in pkgutil.iter_modules(bench.__path__):
        if found.name.startswith("__") or (only and found.name not in only):
            continue
        measure = getattr(importlib.import_module(f"bench.{found.name}"), "measure", None)
        if measure is not None:
            with told(found.name):
                yield from measure()


def _line(result: Result) -> str:
    sign, verdict = ("<=" if result.less_is_better else ">="), ("" if result.reached else "   NOT REACHED")
    ours, peer = f"{result.ours:,.4g} {result.unit}", f"{result.peer:,.4g} {result.unit}"
    return (
        f"{result.name:<32} {ours:>20}   {result.peer_name} {peer}   "
        f"ratio {result.ratio:.3g} (target {sign} {result.target:g}){verdict}"
    )


def _as_json(result: Result) -> dict[str, str | float | bool]:
    return {**asdict(result), "ratio": result.ratio, "reached": result.reached}


if __name__ == "__main__":
    main()
