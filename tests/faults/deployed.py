"""F14: everything is stopped as for a new release, under full load, and started again."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime

from sqlalchemy import func, select

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import crowd, ground
from tests.faults.house import House, wait_for
from tests.faults.tills import Tills
from wallet_service.db.tables import GoogleIssuer, Outbox

DEPLOYS = 6
LONGEST = 15.0
CARDS, ON_ANDROID = 20, 6


def run(kind: str, scale: float, seed: int) -> Count:
    deploys, slowest, kept = max(1, round(DEPLOYS * scale)), 0.0, list[str]()
    with ground().house(kind, **crowd(CARDS, ON_ANDROID, scale), WALLET_LEASE_SECONDS="30") as house:
        house.start_worker()
        house.turn_apns(delay_ms=100)  # so that there is always something under way
        tills = Tills([house.port], house.api_key, [one.serial for one in house.held], seed, per_second=60)
        tills.open()
        for _ in range(deploys):
            _busy(house, tills)
            worker, web = house.born["worker 0"], house.born["web service 0"]
            worker.send(signal.SIGTERM)
            slowest = max(slowest, worker.wait(30))
            kept += _leases(house)
            web.send(signal.SIGTERM)
            slowest = max(slowest, web.wait(30))
            house.start_web()
            house.start_worker()
        memory = tills.close()
        found = check(house, memory)
    amiss = kept + ([f"a stop took {slowest:.1f} s"] if slowest > LONGEST else [])
    done = f"{deploys} deploys, slowest stop {slowest:.1f} s, {len(kept)} leases kept"
    return Count.of(f"F14 deployed, {kind}", done, found, faults=2 * deploys, amiss=amiss)


def _busy(house: House, tills: Tills) -> None:
    before, told = tills.sold, house.told()
    wait_for(lambda: tills.sold > before + 20 and house.told() > told, 30, "a sale and a push")


def _leases(house: House) -> list[str]:
    """Of marks and of the lane: whoever starts next must not wait for them."""
    now = datetime.now(UTC)
    time.sleep(0.01)
    with house.shop.services.sessions.read() as session:
        marks = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.lease_until > now))
        lane = session.scalar(
            select(func.count()).select_from(GoogleIssuer).where(GoogleIssuer.lane_until > now)
        )
    found = [f"{marks} marks were still leased after the stop"] if marks else []
    return found + (["the lane was still held after the stop"] if lane else [])
