"""F5: PostgreSQL is restarted in mid-load, in haste and with a crash, again and again."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import crowd, ground
from tests.faults.house import standing, wait_for
from tests.faults.nursery import Born
from tests.faults.tills import Tills
from tests.services import postgres
from tests.services.ports import LOOPBACK, free_port

RESTARTS, SALES = 4, 5_000
APART = 3.0
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # as `pg_ctl stop -m` sends them
CARDS, ON_ANDROID, TILLS = 20, 4, 6


@dataclass
class Server:
    """A PostgreSQL server that can be stopped and started on the same data."""

    home: Path
    port: int
    born: Born | None = None

    @property
    def address(self) -> str:
        return f"postgresql://postgres@{LOOPBACK}:{self.port}"

    def start(self) -> None:
        words = postgres.server_command(self.home / "data", self.port, postgres.SETTINGS)
        user = postgres.not_root()
        more = {"user": user} if user else {}
        self.born = ground().nursery.start(
            "exec", words, {"PATH": "/usr/bin:/bin"}, self.home / "log", **more
        )
        wait_for(lambda: postgres.answers(self.port), 30, "PostgreSQL")

    def stop(self, how: int) -> None:
        assert self.born is not None
        self.born.send(how)
        self.born.wait()


@contextmanager
def server() -> Iterator[Server]:
    user = postgres.not_root()
    home = Path(tempfile.mkdtemp(prefix="wallet-postgres-"))
    made = Server(home, free_port())
    try:
        if user:
            shutil.chown(home, user, user)
        postgres.initialise(home / "data", user)
        (home / "log").touch()
        if user:
            shutil.chown(home / "log", user, user)
        made.start()
        yield made
    finally:
        if made.born is not None:
            made.stop(IMMEDIATE)
        shutil.rmtree(home, ignore_errors=True)


def run(scale: float, seed: int) -> Count:
    restarts, sales = max(2, round(RESTARTS * scale)), round(SALES * scale)
    with (
        server() as database,
        ground().folder() as folder,
        postgres.database(database.address) as address,
        standing(ground().nursery, folder, database_url=address, **crowd(CARDS, ON_ANDROID, scale)) as house,
    ):
        house.start_worker()
        tills = Tills([house.port], house.api_key, [one.serial for one in house.held], seed, tills=TILLS)
        tills.open()
        for turn in range(restarts):
            before = tills.sold
            wait_for(lambda before=before: tills.sold > before, 60, "a sale")  # type: ignore[misc]
            time.sleep(APART * min(1.0, 10 * scale) / 3)
            database.stop((IMMEDIATE, FAST)[turn % 2])
            database.start()
        while tills.sold < sales and tills.open_still:
            time.sleep(0.02)
        memory = tills.close()
        found = check(house, memory)
        house.shop.services.sessions.close()
    errors = memory.statuses
    strange = [f"{times} answers {status}" for status, times in errors.items() if status in ("500", "502")]
    done = f"{restarts} restarts, immediate and fast, {errors['503']} answers 503, "
    done += f"longest wait {memory.longest_wait:.1f} s"
    return Count.of("F5 database restarted, PostgreSQL", done, found, faults=restarts, amiss=strange)
