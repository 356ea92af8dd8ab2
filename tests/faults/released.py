"""F15: the worker of the last release goes on while the new one migrates, sells and tells."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import POSTGRESQL, ground
from tests.faults.house import House, standing, wait_for
from tests.faults.nursery import ROOT, Born
from tests.faults.tills import Tills
from tests.services import postgres
from tests.services.ports import LOOPBACK, free_port

NEWEST = "wallet_service/db/migrations/versions/0005_campaigns_and_tellings.py"
"""What came before it was added is the last release."""
SALES, DIRTY = 400, 30
CARDS, ON_ANDROID = 16, 6
FLASK = (sys.executable, "-m", "flask", "--app", "wallet_service", "wallet")


def run(kind: str, scale: float, seed: int) -> Count:
    case, sales = f"F15 two releases, {kind}", max(40, round(SALES * scale))
    with ExitStack() as held:
        folder = held.enter_context(ground().folder())
        before = _last_release(folder / "before")
        if before is None:
            return Count(case, "left out: this checkout has no history to take the last release from")
        address = None
        if kind == POSTGRESQL:
            address = held.enter_context(postgres.database(ground().server))
        data = folder / "data"
        env = _environment(data, address)
        _sold_before(before, data, env)
        house = held.enter_context(
            standing(ground().nursery, data, database_url=address, cards=CARDS, on_android=ON_ANDROID)
        )
        old = _started(house, before, "worker", house.env)
        house.start_worker()
        tills = Tills([house.port], house.api_key, [one.serial for one in house.held], seed)
        tills.open(sales)
        wait_for(lambda: tills.sold > sales // 2, 120, "half of the sales")
        old.kill()  # what it holds is free when its lease is over
        memory = tills.close(wait=True)
        found = check(house, memory, patience=90)
    done = f"{DIRTY} marks of the last release, its worker beside ours until it is killed"
    return Count.of(case, done, found, faults=1)


def _last_release(where: Path) -> Path | None:
    """Its files, as they were just before the newest migration came."""
    log = ["git", "log", "--diff-filter=A", "--format=%H", "-1", "--", NEWEST]
    added = subprocess.run(log, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    where.mkdir()
    archive = subprocess.run(
        ["git", "archive", f"{added}^"], cwd=ROOT, capture_output=True, check=False
    ).stdout
    if not added or not archive:
        return None
    subprocess.run(["tar", "xf", "-"], cwd=where, input=archive, check=True)
    return where


def _environment(data: Path, address: str | None) -> dict[str, str]:
    """Of the old release by itself, whose APNs nobody has put up yet."""
    port = free_port()
    env = {"PATH": "/usr/bin:/bin", "WALLET_DATA_DIR": str(data), "WALLET_API_DROPS": "0"}
    env |= {"WALLET_APNS_URL": f"https://localhost:{port}", "PYTHONUNBUFFERED": "1"}
    return env | ({"WALLET_DATABASE_URL": address} if address else {})


def _sold_before(before: Path, data: Path, env: dict[str, str]) -> None:
    """Cards and purchases of the last release, which nobody was told of."""
    data.mkdir()
    subprocess.run([*FLASK, "setup"], cwd=before, env=env, check=True, capture_output=True)
    port, log = free_port(), data / "before.log"
    words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK]
    words += ["--port", str(port), "wsgi:app"]
    web = ground().nursery.start("exec", words, env, log, cwd=str(before))
    wait_for(lambda: _answers(port), 60, "the web service of the last release")
    key = requests.Session()
    key.headers["Authorization"] = f"Bearer {_api_key(data)}"
    for turn in range(DIRTY):
        base, once = f"http://{LOOPBACK}:{port}/api/v1", {"Idempotency-Key": f"before-{turn}"}
        card = key.post(f"{base}/programs/coffee/cards", json={}, headers=once, timeout=30).json()
        what = {"total": 25_000, "receipt": f"before-{turn}"}
        once = {"Idempotency-Key": f"before-sale-{turn}"}
        serial = card["serial"]
        key.post(f"{base}/cards/{serial}/purchases", json=what, headers=once, timeout=30).raise_for_status()
    web.kill()


def _api_key(data: Path) -> str:
    return str(json.loads((data / "sandbox-access.json").read_text())["api_key"])


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://{LOOPBACK}:{port}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def _started(house: House, before: Path, name: str, env: Mapping[str, str]) -> Born:
    log = house.folder / f"before-{name}.log"
    born = ground().nursery.start("exec", [*FLASK, name], env, log, cwd=str(before))
    house.born[f"{name} of the last release"] = born
    return born
