"""F1, F2: the web service and the worker are killed at any moment, again and again, while tills sell."""

from __future__ import annotations

import threading
import time
from random import Random

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import ground
from tests.faults.house import WEB, WORKER, House
from tests.faults.tills import Tills

KILLS, SALES = 100, 10_000  # of each of the two, on each database
CARDS, ON_ANDROID, TILLS = 40, 12, 6
LONGEST_LIFE = 0.5


def run(kind: str, scale: float, seed: int) -> Count:
    kills, sales = max(2, round(KILLS * scale)), round(SALES * scale)
    with ground().house(kind, cards=CARDS, on_android=ON_ANDROID) as house:
        house.start_worker()
        tills = Tills([house.port], house.api_key, [one.serial for one in house.held], seed, tills=TILLS)
        tills.open()
        killers = [Killer(house, WEB, kills, seed), Killer(house, WORKER, kills, seed)]
        for killer in killers:
            killer.start()
        for killer in killers:
            killer.finish()
        while tills.sold < sales and tills.open_still:
            time.sleep(0.02)
        memory = tills.close()
        found = check(house, memory)
    return Count(
        f"F1 F2 killed, {kind}",
        f"web {kills}x, worker {kills}x, longest wait {memory.longest_wait:.1f} s",
        faults=2 * kills,
        acknowledged=found.acknowledged,
        missing=found.missing,
        doubled=found.doubled,
        stale=found.stale,
        amiss=found.amiss,
        worst=found.worst,
    )


class Killer(threading.Thread):
    """Lets it live for any fraction of a moment, and starts it again at once, as systemd would."""

    def __init__(self, house: House, name: str, kills: int, seed: int) -> None:
        super().__init__(name=f"killer of the {name}")
        self._house, self._name, self._kills = house, name, kills
        self._chance = Random(f"{seed} {name}")
        self._fault: BaseException | None = None

    def run(self) -> None:
        try:
            for _ in range(self._kills):
                time.sleep(self._chance.uniform(0, LONGEST_LIFE))
                self._house.born[f"{self._name} 0"].kill()
                if self._name == WEB:
                    self._house.start_web()
                else:
                    self._house.start_worker()
        except BaseException as fault:  # noqa: BLE001 - told by `finish`
            self._fault = fault

    def finish(self) -> None:
        self.join()
        if self._fault is not None:
            raise self._fault
