"""F3: a worker is frozen at its work for longer than its lease, and wakes up as if nothing had been."""

from __future__ import annotations

import signal
import threading
import time
from random import Random

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import crowd, ground
from tests.faults.house import House
from tests.faults.tills import Tills

PAUSES, WORKERS = 26, 3  # on each database; never all workers at once
LEASE = 1
LONGEST_TILL_WAIT = 5.0
CARDS, ON_ANDROID = 24, 8


def run(kind: str, scale: float, seed: int) -> Count:
    pauses = max(2, round(PAUSES * scale))
    with ground().house(kind, **crowd(CARDS, ON_ANDROID, scale), WALLET_LEASE_SECONDS=str(LEASE)) as house:
        house.turn_apns(delay_ms=30)
        for number in range(WORKERS):
            house.start_worker(number)
        tills = Tills([house.port], house.api_key, [one.serial for one in house.held], seed, per_second=20)
        tills.open()
        freezers = [Freezer(house, number, pauses // 2, seed) for number in range(2)]
        for freezer in freezers:
            freezer.start()
        for freezer in freezers:
            freezer.join()
        memory = tills.close()
        found = check(house, memory)
    waited = memory.longest_wait
    slow = [f"a till waited {waited:.1f} s"] if waited > LONGEST_TILL_WAIT else []
    paused = pauses // 2 * 2
    done = f"{paused} pauses of {2 * LEASE} s, lease {LEASE} s, longest wait {waited:.1f} s"
    return Count.of(f"F3 paused, {kind}", done, found, faults=paused, amiss=slow)


class Freezer(threading.Thread):
    """In a thread of its own: a till that waits for the frozen one must not keep it from waking up."""

    def __init__(self, house: House, number: int, pauses: int, seed: int) -> None:
        super().__init__(name=f"freezer {number}")
        self._worker, self._pauses = house.born[f"worker {number}"], pauses
        self._chance = Random(f"{seed} freezer {number}")

    def run(self) -> None:
        for _ in range(self._pauses):
            time.sleep(self._chance.uniform(0.05, 0.4))
            self._worker.send(signal.SIGSTOP)
            time.sleep(2 * LEASE)
            self._worker.send(signal.SIGCONT)
