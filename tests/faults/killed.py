"""F1, F2: the web service and the worker are killed at any moment, again and again, while tills sell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import crowd, ground
from tests.faults.house import WEB, WORKER, House
from tests.faults.tills import Tills

KILLS, SALES = 100, 10_000  # of each of the two, on each database
CARDS, ON_ANDROID, TILLS = 20, 6, 6
LEASE = 1  # second: for so long the next worker waits for the marks of the one that was killed
PER_SECOND = 100.0  # sales: all of them in the time that the kills take
LONGEST_WAIT = 10.0
A_MOMENT = 0.02
LOOKS = {WEB: 0.02, WORKER: 0.1}  # seconds between two: the second asks APNs, which has other things to do


def run(kind: str, scale: float, seed: int) -> Count:
    kills, sales = max(2, round(KILLS * scale)), round(SALES * scale)
    android = ON_ANDROID if scale >= 0.1 else 0  # a picture that was not there is looked for later
    with ground().house(kind, **crowd(CARDS, android, scale), WALLET_LEASE_SECONDS=str(LEASE)) as house:
        house.turn_apns(delay_ms=100)  # so that there is always something under way
        house.start_worker()
        serials = [one.serial for one in house.held]
        tills = Tills([house.port], house.api_key, serials, seed, tills=TILLS, per_second=PER_SECOND)
        tills.open()
        killers = [
            Killer(house, WEB, kills, f"{seed} web", lambda: tills.sold, most=2 * sales // kills),
            Killer(house, WORKER, kills, f"{seed} worker", house.told, most=6),
        ]
        for killer in killers:
            killer.start()
        for killer in killers:
            killer.finish()
        while tills.sold < sales and tills.open_still:
            time.sleep(A_MOMENT)
        memory = tills.close()
        found = check(house, memory)
    return Count.of(
        f"F1 F2 killed, {kind}",
        f"web {kills}x, worker {kills}x, longest wait {memory.longest_wait:.1f} s",
        found,
        faults=2 * kills,
    )


class Killer(threading.Thread):
    """Lets it do any number of things up to `most`, kills it in the midst of the next, and starts it again at
    once, as systemd would. `done` counts what it does.
    """

    def __init__(
        self, house: House, name: str, kills: int, seed: str, done: Callable[[], int], *, most: int
    ) -> None:
        super().__init__(name=f"killer of the {name}")
        self._house, self._name, self._kills, self._chance = house, name, kills, Random(seed)
        self._done, self._most = done, most
        self._fault: BaseException | None = None

    def run(self) -> None:
        try:
            for _ in range(self._kills):
                self._let_live()
                self._house.born[f"{self._name} 0"].kill()
                if self._name == WEB:
                    self._house.start_web()
                else:
                    self._house.start_worker()
        except BaseException as fault:  # noqa: BLE001 - told by `finish`
            self._fault = fault

    def _let_live(self) -> None:
        enough = self._done() + self._chance.randint(0, self._most)
        until = time.monotonic() + LONGEST_WAIT
        while self._done() < enough and time.monotonic() < until:
            time.sleep(LOOKS[self._name])
        time.sleep(self._chance.uniform(0, A_MOMENT))

    def finish(self) -> None:
        self.join()
        if self._fault is not None:
            raise self._fault
