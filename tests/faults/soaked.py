"""L10: minutes of mixed load with a little of every fault; what does not die must not grow."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import ground
from tests.faults.house import House
from tests.faults.tills import Tills

SECONDS, PER_SECOND = 240.0, 6.0
WARM_UP = 0.5  # of the time: caches fill
ALONE_AT_FIRST = 0.05  # of the time, so that what is loaded once for Google is loaded before it is weighed
GROWTH, FILES = 0.05, 8
CARDS, ON_ANDROID = 30, 8
UNKIND = {
    "answers": [
        {"reason": "InternalServerError", "times": None, "every": 97},
        {"reason": "TooManyRequests", "times": None, "every": 211},
    ],
    "goaway_after": 50,
}


def run(kind: str, scale: float, seed: int) -> Count:
    """One web service and one worker live through it; a second one of each is killed every few seconds."""
    seconds, kills, chance = max(12.0, SECONDS * scale), 0, Random(seed)
    with ground().house(kind, cards=CARDS, on_android=ON_ANDROID) as house:
        house.start_worker()
        house.start_web(1)
        serials = [one.serial for one in house.held]
        ports = [house.web_port(0), house.web_port(1)]
        tills = Tills(ports, house.api_key, serials, seed, per_second=PER_SECOND)
        tills.open()
        time.sleep(seconds * ALONE_AT_FIRST)
        house.start_worker(1)
        began, warm = time.monotonic(), dict[str, tuple[int, int]]()
        while (gone := time.monotonic() - began) < seconds:
            if not warm and gone > WARM_UP * seconds:
                warm = _sizes(house)
            time.sleep(chance.uniform(2, 6))
            _kill_one(house, chance)
            kills += 1
        grown = _sizes(house)
        memory = tills.close()
        found = check(house, memory, patience=90)
    amiss = [*_growth(warm, grown)] if scale >= 1 else []
    memories = ", ".join(f"{name} {grown[name][0] / (1 << 20):.0f} MiB" for name in grown)
    done = f"{seconds:.0f} s, {kills} kills, {memories}"
    return Count.of(f"L10 soak, {kind}", done, found, faults=kills, amiss=amiss)


def _kill_one(house: House, chance: Random) -> None:
    if chance.random() < 0.5:
        house.born["web service 1"].kill()
        house.start_web(1)
    else:
        house.born["worker 1"].kill()
        house.start_worker(1)


def _sizes(house: House) -> dict[str, tuple[int, int]]:
    """Bytes in memory and open files of those that live on."""
    found = {}
    for name in ("web service 0", "worker 0"):
        members = house.born[name].members()
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in members)
        files = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in members)
        found[name] = pages * 4096, files
    return found


def _growth(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> list[str]:
    wrong = []
    for name, (size, files) in after.items():
        growth = size / before[name][0] - 1
        if growth > GROWTH:
            wrong.append(f"{name} grew by {growth:.1%}")
        if files > before[name][1] + FILES:
            wrong.append(f"{name} has {files} files open, it had {before[name][1]}")
    return wrong
