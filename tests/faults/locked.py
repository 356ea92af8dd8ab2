"""F16: a backup tool holds the database for half a minute."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg
import requests
from sqlalchemy.engine import make_url

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import SQLITE, crowd, ground
from tests.faults.house import House
from tests.faults.tills import Tills

HELD, LEAST = 30.0, 7.0
PRESSES, LONGEST = 4, 12.0
CARDS, ON_ANDROID = 10, 4


def run(kind: str, scale: float, seed: int) -> Count:
    held = max(LEAST, HELD * scale)
    with ground().house(kind, **crowd(CARDS, ON_ANDROID, scale)) as house:
        house.start_worker()
        tills = Tills([house.port], house.api_key, [one.serial for one in house.held], seed, per_second=20)
        tills.open()
        time.sleep(1)
        with _locked(house, kind), ThreadPoolExecutor(PRESSES) as people:
            pressing = [people.submit(_press, house, turn) for turn in range(PRESSES)]
            time.sleep(held)
            answers = [press.result() for press in pressing]
        time.sleep(2)
        memory = tills.close()
        found = check(house, memory)
    wrong = [f"answered {answer}" for answer in answers if answer[:2] != (503, True)]
    slowest = max(seconds for *_, seconds in answers)
    wrong += [f"somebody waited {slowest:.1f} s for a 503"] if slowest > LONGEST else []
    wrong += [
        f"{memory.statuses[status]} answers {status}" for status in ("500", "502") if memory.statuses[status]
    ]
    done = (
        f"locked {held:.0f} s, {memory.statuses['503']} answers 503, longest wait {memory.longest_wait:.1f} s"
    )
    return Count.of(f"F16 locked, {kind}", done, found, faults=1, amiss=wrong)


def _press(house: House, turn: int) -> tuple[int, bool, float]:
    """One that gives up at once: the status, whether it is told when to come again, and how soon."""
    began = time.monotonic()
    answer = requests.post(
        f"{house.web}/api/v1/cards/{house.held[0].serial}/purchases",
        json={"total": 25_000, "receipt": f"locked-{turn}"},
        headers={"Authorization": f"Bearer {house.api_key}", "Idempotency-Key": f"locked-{turn}"},
        timeout=30,
    )
    return answer.status_code, "Retry-After" in answer.headers, time.monotonic() - began


@contextmanager
def _locked(house: House, kind: str) -> Iterator[None]:
    """Nobody writes, and on PostgreSQL nobody reads the ledger either."""
    if kind == SQLITE:
        path = house.settings.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
    else:
        url = make_url(house.settings.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string()) as connection:
            connection.execute("LOCK TABLE card, ledger_entry, outbox IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
