"""A program of a million cards is published, one phone each: from the command to the last accepted push.

PostgreSQL, a real worker, and a server that takes every push. The campaign has no rate and one step, as if
the shop could not wait. What a card costs is the worker's and the database's clock, so that a card among
ten thousand may be compared with one among a million. The worker's memory is its highest ever. Two workers
share a hundred thousand cards beside one; the database and the server of APNs want cores of their own then.
`QUICK=1 python -m bench million` goes to a hundred thousand.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.copy_rows import Connection
from bench.crowd import connected, crowd
from bench.phones import phones
from bench.pushes import TOKENS, standing
from bench.result import Result
from bench.served import environment
from bench.told import told
from tests.services import postgres
from tests.shop import DEMO

SIZES = (10_000, 100_000, 1_000_000)
SMALL, SHARED, LARGE = 0, 1, -1
WALLET = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet"]
LIMIT_MIB, FLAT, TWICE = 200.0, 1.3, 1.6
SETTINGS = {"fsync": "on", "shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
LEFT = "SELECT count(*) FROM outbox WHERE told < wanted"
READY = "SELECT count(*) FROM installation"
TOOK = """
    SELECT extract(epoch FROM (SELECT max(told_at) FROM outbox) - (SELECT max(created_at) FROM campaign))
"""
OPEN = "SELECT count(*) FROM campaign WHERE state = 'running'"


def measure() -> Iterator[Result]:
    sizes = SIZES[:2] if os.environ.get("QUICK") else SIZES
    costs, memory = [], 0.0
    for size in sizes:
        seconds, memory = _published(size)
        costs.append(seconds / size * 1e6)
    yield Result(f"a card among {sizes[LARGE]:,}", costs[LARGE], costs[SMALL], "us", "among 10,000", FLAT)
    yield Result("worker's memory", memory, LIMIT_MIB, "MB", "limit", 1.0)
    together, _ = _published(sizes[SHARED], workers=2)
    rate = sizes[SHARED] / together
    yield Result("two workers", rate, 1e6 / costs[SHARED], "cards a second", "one worker", TWICE)


def _published(size: int, workers: int = 1) -> tuple[float, float]:
    """Seconds until all are told, and the first worker's MiB."""
    with told(f"a program of {size:,}, {workers} at work"):
        seconds, memory = _worked_off(size, workers)
    print(f"  {size / seconds:,.0f} cards a second, worker {memory:.0f} MiB", file=sys.stderr, flush=True)
    return seconds, memory


def _worked_off(size: int, workers: int) -> tuple[float, float]:
    with (
        tempfile.TemporaryDirectory() as name,
        postgres.cluster(**SETTINGS) as server,
        postgres.database(server) as address,
        phones(Path(name) / "shop", 1, address) as known,
        standing(Path(name)) as (_, url),
        connected(address) as connection,
        ExitStack() as at_work,
    ):
        crowd(connection, size, TOKENS)
        env = {
            **os.environ,
            **environment(known.shop),
            "WALLET_APNS_URL": url,
            "WALLET_APNS_CA_FILE": str(Path(name) / "ca.pem"),
        }
        logs = [Path(name) / f"worker-{number}.log" for number in range(workers)]
        first, *_ = [at_work.enter_context(_worker(env, log)) for log in logs]
        while not _one(connection, READY):
            time.sleep(0.1)
        return _told(connection, env, Path(name)), _most_memory(first)


@contextmanager
def _worker(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "worker"]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=env, stdout=output, stderr=output) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def _told(connection: Connection, env: dict[str, str], folder: Path) -> float:
    """Seconds from the campaign's first moment to the last answer."""
    body = folder / "coffee.json"
    body.write_text(json.dumps(DEMO | {"organization": f"Coffee {datetime.now(UTC):%H:%M:%S}"}))
    publish = [*WALLET, "program", "publish", "--rate", "0", "--quiet", "never", "coffee", str(body)]
    subprocess.run(publish, env=env, check=True, stdout=subprocess.DEVNULL)
    while _one(connection, OPEN) or _one(connection, LEFT):
        time.sleep(0.5)
    return _one(connection, TOOK)


def _one(connection: Connection, query: str) -> float:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return float(found[0])


def _most_memory(process: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    most = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert most is not None
    return int(most[1]) / 1024


if __name__ == "__main__":
    for result in measure():
        print(result)
