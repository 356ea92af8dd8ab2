"""From a scan to its answer, with 100,000 cards and five million entries in PostgreSQL.

Eight clients show one random card after the other, at a till and through the API. The target is beside
/healthz, which touches nothing, when eight clients ask for nothing else. A second line sets the same scans
beside the /healthz that is every fourth request among them: the price of the server and its queue.
Rounds take turns, and the medians of the rounds count. `QUICK=1 python -m bench scanning` builds a village
instead of the city, for a first look.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from random import Random
from statistics import median, quantiles
from uuid import uuid4

import requests

from bench.city import CARDS, LIVES, City, city
from bench.clients import Request, ask, get, post
from bench.result import Result
from bench.served import environment, serving
from bench.told import told
from tests.services.ports import LOOPBACK
from wallet_service.actions import api_keys, staff

ROUNDS, SECONDS, WARM_UP = 7, 3.0, 3.0
VILLAGE = 1_000, 10
"""So many cards, of so many lives."""

TIMES, LIMIT_MS = 3.0, 150.0
SCAN, HEALTH = "scan", "health"
APART = 4
PIN = "246802"
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ALIVE = get("/healthz", kind=HEALTH)


def measure() -> Iterator[Result]:
    with (
        city(*_size()) as made,
        tempfile.TemporaryDirectory() as folder,
        serving(environment(made.shop), Path(folder) / "log") as port,
    ):
        yield from measured(port, made)


def measured(port: int, made: City) -> Iterator[Result]:
    doors = {"scan at a till": _scans(made, Till.signed_in(port, made)), "card by the API": _cards(made)}
    for name, scans in doors.items():
        load = _mixed(scans)
        with told(name):
            ask(port, load, seconds=WARM_UP)
            rounds = [(*_round(port, load), *_idle(port)) for _ in range(ROUNDS)]
        slow, alive, idle = (median(figures) for figures in zip(*rounds, strict=True))
        yield Result(f"{name}, p95", slow, idle, "ms", "/healthz alone", TIMES)
        yield Result(f"{name} in the mix, p95", slow, alive, "ms", "/healthz meanwhile", TIMES)
        yield Result(f"{name}, p95", slow, LIMIT_MS, "ms", "limit", 1.0)


def _size() -> tuple[int, int]:
    return VILLAGE if os.environ.get("QUICK") else (CARDS, LIVES)


def _mixed(scans: Iterator[Request]) -> Iterator[Request]:
    while True:
        for _ in range(APART - 1):
            yield next(scans)
        yield ALIVE


def _round(port: int, load: Iterator[Request]) -> tuple[float, float]:
    took = ask(port, load, seconds=SECONDS).took
    return quantiles(took[SCAN], n=20)[18], median(took[HEALTH])


def _idle(port: int) -> tuple[float]:
    return (median(ask(port, repeat(ALIVE), seconds=SECONDS / 3).took[HEALTH]),)


def _numbers(made: City) -> Iterator[str]:
    chance = Random(1)
    while True:
        yield chance.choice(made.numbers)


def _cards(made: City) -> Iterator[Request]:
    entropy, now = made.shop.services.entropy, datetime.now(UTC)
    with made.shop.services.sessions.begin() as session:
        key = api_keys.create_api_key(session, name="bench", entropy=entropy, now=now)
    for number in _numbers(made):
        yield get(f"/api/v1/cards/{number}", {"Authorization": f"Bearer {key}"}, kind=SCAN)


@dataclass(frozen=True)
class Till:
    """A browser at which somebody is signed in: its cookies, and what it sends with every press."""

    cookies: str
    csrf: str

    @classmethod
    def signed_in(cls, port: int, made: City) -> Till:
        with made.shop.services.sessions.begin() as session:
            staff.add_staff(session, name="Bench", role="cashier", pin=PIN, now=datetime.now(UTC))
        browser, base = requests.Session(), f"http://{LOOPBACK}:{port}/till"
        token = CSRF.search(browser.get(f"{base}/sign-in", timeout=10).text)
        assert token is not None
        shown = {"csrf_token": token[1], "pin": PIN}
        entered = browser.post(f"{base}/sign-in", data=shown, timeout=10, allow_redirects=False)
        assert entered.status_code == 303, entered.text
        state = browser.get(f"{base}/state", timeout=10).json()
        assert state["signed_in"], state
        return cls("; ".join(f"{one.name}={one.value}" for one in browser.cookies), state["csrf"])

    def scan(self, number: str) -> Request:
        headers = {"Cookie": self.cookies, "X-CSRFToken": self.csrf}
        return post("/till/scans", {"code": number, "key": uuid4().hex}, headers, kind=SCAN)


def _scans(made: City, till: Till) -> Iterator[Request]:
    return map(till.scan, _numbers(made))


if __name__ == "__main__":
    for result in measure():
        print(result)
