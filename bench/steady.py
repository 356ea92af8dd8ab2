"""From a purchase to its push at the door of APNs, while a hundred purchases come in every second.

Once with everything on this machine as `make run` starts it, and once on PostgreSQL and Redis with two web
servers and two workers. Purchases come at their times, whether or not the last one was answered; each is
followed to the first push for its phone. All the processes, the simulated APNs and the customers share this
machine.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles
from threading import local
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import requests
from requests.adapters import HTTPAdapter

from bench.result import Result
from bench.served import serving
from bench.told import told
from tests.services import postgres, redis
from tests.services.programs import running
from tests.town import Town, running_town, soon

RATE, SECONDS, CARDS = 100, 20, 300
HANDS = 16
FROM_ONE_PLACE = 50  # cards downloaded from one network within a minute
MEDIAN_MS, SLOWEST_MS = 150.0, 1000.0
CALM = {"WALLET_API_DROPS": "0", "WALLET_API_RATE": str(10**9)}
WORKER = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "worker"]


@dataclass(frozen=True)
class Shop:
    """`webs` are its addresses; `phones[serial]` is the push token of the phone with that card."""

    town: Town
    webs: list[str]
    key: str
    phones: dict[str, str]


def measure() -> Iterator[Result]:
    for name, opened in (("on one machine", _embedded), ("scaled out", _scaled_out)):
        with told(name), opened() as (town, webs):
            took = sorted(_took(_with_phones(town, webs)))
        slowest = quantiles(took, n=100)[98]
        yield Result(f"purchase to push, {name}, median", median(took), MEDIAN_MS, "ms", "limit", 1.0)
        yield Result(f"purchase to push, {name}, p99", slowest, SLOWEST_MS, "ms", "limit", 1.0)


@contextmanager
def _embedded() -> Iterator[tuple[Town, list[str]]]:
    with tempfile.TemporaryDirectory() as folder, running_town(Path(folder), **CALM) as town:
        yield town, [town.web]


@contextmanager
def _scaled_out() -> Iterator[tuple[Town, list[str]]]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as held:
        folder = Path(name)
        server = held.enter_context(postgres.cluster(fsync="on"))
        storage = {
            "WALLET_DATABASE_URL": held.enter_context(postgres.database(server)),
            "WALLET_QUEUE_URL": held.enter_context(redis.server(folder)),
        }
        town = held.enter_context(running_town(folder / "shop", **CALM, **storage))
        env = {**CALM, **storage, **_as_in(town)}
        second = held.enter_context(serving(env, folder / "web.log"))
        held.enter_context(running(WORKER, folder / "worker.log", lambda: True, env={**os.environ, **env}))
        yield town, [town.web, f"http://localhost:{second}"]


def _as_in(town: Town) -> dict[str, str]:
    return {
        "WALLET_DATA_DIR": str(town.data),
        "WALLET_PUBLIC_URL": town.web,
        "WALLET_APNS_URL": f"https://localhost:{town.port + 1}",
        "WALLET_APNS_CA_FILE": str(town.data / "certs" / "sandbox" / "root.pem"),
    }


def _with_phones(town: Town, webs: list[str]) -> Shop:
    """Each card joins by the API, is downloaded, and registers as a phone does."""
    phones, key = {}, town.access["api_key"]
    for number in range(CARDS):
        if number % FROM_ONE_PLACE == 0:
            caller = _calling_from(f"127.0.1.{number // FROM_ONE_PLACE}")
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid4().hex}
        made = caller.post(f"{town.web}/api/v1/programs/coffee/cards", json={}, headers=headers, timeout=30)
        card = made.json()
        downloaded = caller.get(card["links"]["apple"], timeout=30)
        assert downloaded.status_code == 200, downloaded.text
        body = _pass_json(downloaded.content)
        kind = body["passTypeIdentifier"]
        token = sha256(f"phone {number}".encode()).hexdigest()
        registered = caller.post(
            f"{town.web}/apple/v1/devices/{number:032x}/registrations/{kind}/{card['serial']}",
            json={"pushToken": token},
            headers={"Authorization": f"ApplePass {body['authenticationToken']}"},
            timeout=30,
        )
        assert registered.status_code == 201, registered.text
        phones[card["serial"]] = token
    return Shop(town, webs, key, phones)


def _calling_from(address: str) -> requests.Session:
    """The machine's address that the web service sees, which counts what comes from one network."""
    caller, line = requests.Session(), HTTPAdapter()
    line.init_poolmanager(1, 1, source_address=(address, 0))
    caller.mount("http://", line)
    return caller


def _took(shop: Shop) -> list[float]:
    """Milliseconds, of each purchase, from its recorded moment to its phone's next push."""
    known, began = len(shop.town.pushes()), time.perf_counter() + 1
    turns = [*range(RATE * SECONDS)]
    serials = [*shop.phones]
    with ThreadPoolExecutor(HANDS) as hands:
        booked = [*hands.map(lambda turn: _buy(shop, serials[turn % CARDS], turn, began), turns)]
    wanted = {shop.phones[serial] for serial, _ in booked[-CARDS:]}
    soon(lambda: wanted <= {push["token"] for push in shop.town.pushes()[known:]} or None)
    time.sleep(2)
    arrived = defaultdict(list)
    for push in shop.town.pushes()[known:]:
        arrived[push["token"]].append(datetime.fromisoformat(push["received_at"]))
    return [_next(arrived[shop.phones[serial]], at) for serial, at in booked]


_OWN = local()


def _buy(shop: Shop, serial: str, turn: int, began: float) -> tuple[str, datetime]:
    time.sleep(max(began + turn / RATE - time.perf_counter(), 0))
    if not hasattr(_OWN, "session"):
        _OWN.session = requests.Session()
    headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": uuid4().hex}
    address = f"{shop.webs[turn % len(shop.webs)]}/api/v1/cards/{serial}/purchases"
    answer = _OWN.session.post(address, json={"visits": 1}, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return serial, datetime.fromisoformat(answer.json()["entry"]["recorded_at"])


def _next(pushes: list[datetime], at: datetime) -> float:
    return (min(push for push in pushes if push >= at) - at).total_seconds() * 1000


def _pass_json(bundle: bytes) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(ZipFile(BytesIO(bundle)).read("pass.json"))
    return body


if __name__ == "__main__":
    for result in measure():
        print(result)
