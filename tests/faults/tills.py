"""Tills that sell while everything around them breaks: they press, repeat, give up, and remember what they
were told.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from random import Random

from tests.services.ports import LOOPBACK

AGAIN_AFTER = 0.03
GIVES_UP, DOUBTS, REDEEMS = 0.03, 0.03, 0.04
"""How often somebody walks away after the first failure, presses again though all went well, has a reward."""


@dataclass(frozen=True)
class Sale:
    """One press of a button. `receipt` is None for a reward."""

    key: str
    serial: str
    receipt: str | None


@dataclass(frozen=True)
class Receipt:
    """What the till was told: the entry, and when it was booked and heard of."""

    sale: Sale
    entry: str
    booked_at: datetime
    waited: float


@dataclass
class Memory:
    """What all tills know together. `statuses` counts the answers that were no success."""

    told: dict[str, Receipt] = field(default_factory=dict)
    given_up: dict[str, Sale] = field(default_factory=dict)
    contradicted: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def longest_wait(self) -> float:
        return max((receipt.waited for receipt in self.told.values()), default=0.0)


class Tills:
    """`per_second`: of all together; None as fast as it goes. `ports` are those of the web services, of
    which each press takes the next.
    """

    def __init__(
        self,
        ports: Sequence[int],
        api_key: str,
        serials: Sequence[str],
        seed: int,
        *,
        tills: int = 4,
        per_second: float | None = None,
        patience: float = 60.0,
        redeems: float = REDEEMS,
    ) -> None:
        self.memory = Memory()
        self._ports, self._serials, self._redeems = ports, serials, redeems
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self._patience, self._apart = patience, tills / per_second if per_second else 0.0
        self._stopping, self._left, self._lock = threading.Event(), 0, threading.Lock()
        self._seed, self._tills = seed, tills
        self._threads: list[threading.Thread] = []
        self._faults: list[BaseException] = []

    def sell(self, sales: int) -> Memory:
        """So many, and no more."""
        self.open(sales)
        return self.close(wait=True)

    def open(self, sales: int = 1 << 60) -> None:
        """Sells until it is closed, or until so many are sold."""
        self._left = sales
        for till in range(self._tills):
            chance = Random(f"{self._seed} till {till}")
            thread = threading.Thread(target=self._sell, args=(till, chance), name=f"till-{till}")
            thread.start()
            self._threads.append(thread)

    @property
    def sold(self) -> int:
        return len(self.memory.told)

    @property
    def open_still(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def close(self, *, wait: bool = False) -> Memory:
        """What was begun is brought to its end."""
        if not wait:
            self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._faults:
            raise self._faults[0]
        return self.memory

    def _sell(self, till: int, chance: Random) -> None:
        line = _Line(self._ports, self._headers)
        number = 0
        try:
            while not self._stopping.is_set() and self._takes_one():
                began = time.monotonic()
                self._press(line, self._sale(till, number, chance), chance)
                number += 1
                if (rest := self._apart - (time.monotonic() - began)) > 0:
                    self._stopping.wait(rest)
        except BaseException as fault:  # noqa: BLE001 - told by `close`
            self._faults.append(fault)
        finally:
            line.close()

    def _takes_one(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def _sale(self, till: int, number: int, chance: Random) -> Sale:
        key = f"{self._seed}-{till}-{number}-{chance.randrange(1 << 40):x}"
        reward = chance.random() < self._redeems
        return Sale(key, chance.choice(self._serials), None if reward else f"R-{key}")

    def _press(self, line: _Line, sale: Sale, chance: Random) -> None:
        leaves, doubts = chance.random() < GIVES_UP, chance.random() < DOUBTS
        began = time.monotonic()
        while True:
            status, said = line.post(*_words(sale))
            if status == 201:
                self._remember(sale, said, time.monotonic() - began)
                if doubts:
                    self._repeat(line, sale, said)
                return
            self.memory.statuses[str(status)] += 1
            if 400 <= status < 500 and status not in (408, 429):
                if sale.receipt is not None:
                    raise AssertionError(f"a purchase was refused: {status} {said[:300]!r}")
                return
            if leaves:
                self.memory.given_up[sale.key] = sale
                return
            if time.monotonic() - began > self._patience:
                raise AssertionError(f"no success in {self._patience:.0f} s, last {status} {said[:300]!r}")
            time.sleep(AGAIN_AFTER)

    def _remember(self, sale: Sale, said: bytes, waited: float) -> None:
        entry = json.loads(said)["entry"]
        booked_at = datetime.fromisoformat(entry["recorded_at"])
        self.memory.told[sale.key] = Receipt(sale, entry["id"], booked_at, waited)

    def _repeat(self, line: _Line, sale: Sale, before: bytes) -> None:
        """The same press must hear of the same entry."""
        status, said = line.post(*_words(sale))
        if status == 201 and json.loads(said)["entry"]["id"] != json.loads(before)["entry"]["id"]:
            self.memory.contradicted.append(sale.key)


def _words(sale: Sale) -> tuple[str, str, bytes]:
    what = "redemptions" if sale.receipt is None else "purchases"
    body = {"reward": "coffee"} if sale.receipt is None else {"total": 25_000, "receipt": sale.receipt}
    return f"/api/v1/cards/{sale.serial}/{what}", sale.key, json.dumps(body).encode()


class _Line:
    """A connection that is made anew when it breaks; what did not come to an answer has status 0."""

    def __init__(self, ports: Sequence[int], headers: dict[str, str]) -> None:
        self._ports, self._headers, self._turn = ports, headers, 0
        self._open: HTTPConnection | None = None

    def post(self, path: str, key: str, body: bytes) -> tuple[int, bytes]:
        try:
            if self._open is None:
                self._turn += 1
                self._open = HTTPConnection(LOOPBACK, self._ports[self._turn % len(self._ports)], timeout=30)
            self._open.request("POST", path, body, self._headers | {"Idempotency-Key": key})
            answer = self._open.getresponse()
            said = answer.read()
        except (OSError, HTTPException):
            self.close()
            return 0, b""
        if answer.status >= 500:
            self.close()
        return answer.status, said

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def again_and_again(work: Callable[[Random], None], seed: int, stop: threading.Event) -> threading.Thread:
    """Somebody who breaks things in a thread of their own until told to stop."""

    def run() -> None:
        chance = Random(seed)
        while not stop.is_set():
            work(chance)

    thread = threading.Thread(target=run, name="trouble")
    thread.start()
    return thread
