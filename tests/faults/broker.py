"""F4: the broker is dead for a minute, and comes back with nothing in it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import POSTGRESQL, crowd, ground
from tests.faults.house import wait_for
from tests.faults.nursery import Born
from tests.faults.tills import Tills
from tests.services import redis
from tests.services.ports import LOOPBACK, free_port
from tests.services.programs import find

DEAD = 60.0
LEASE, GRACE = 5, 2.0
CARDS, ON_ANDROID = 24, 8


def run(scale: float, seed: int) -> Count:
    port, dead = free_port(), max(2.0, DEAD * scale)
    with tempfile.TemporaryDirectory(prefix="wallet-redis-") as name:
        folder = Path(name)
        broker = _redis(folder, port)
        with ground().house(
            POSTGRESQL,
            **crowd(CARDS, ON_ANDROID, scale),
            WALLET_QUEUE_URL=f"redis://{LOOPBACK}:{port}/0",
            WALLET_LEASE_SECONDS=str(LEASE),
        ) as house:
            house.start_worker()
            tills = Tills(
                [house.port], house.api_key, [one.serial for one in house.held], seed, per_second=15
            )
            tills.open()
            time.sleep(1)
            broker.kill()
            before = tills.sold
            time.sleep(dead)
            meanwhile = tills.sold - before
            broker = _redis(folder, port)
            time.sleep(1)
            memory = tills.close()
            found = check(house, memory)
            broker.kill()
    amiss = [] if meanwhile else ["nothing was sold while the broker was dead"]
    if found.worst > LEASE + GRACE:
        amiss.append(f"a push came after {found.worst:.1f} s")
    done = f"Redis dead {dead:.0f} s and back empty, {meanwhile} sold meanwhile"
    return Count.of("F4 broker dead, PostgreSQL", done, found, faults=1, amiss=amiss)


def _redis(folder: Path, port: int) -> Born:
    words = [find("redis-server", "redis-server"), "--bind", LOOPBACK, "--port", port]
    words += ["--save", "", "--appendonly", "no", "--dir", folder]
    born = ground().nursery.start("exec", words, {}, folder / "redis.log")
    wait_for(lambda: redis.answers(port), 20, "Redis")
    return born
