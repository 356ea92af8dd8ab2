"""A program of a million cards is published, one phone each: from the command to the last accepted push.

PostgreSQL, a real worker, and a server that takes every push. The campaign has no rate and one step, as if
the shop could not wait. What a card costs is the worker's and the database's clock, so that a card among
ten thousand may be compared with one among a million. The worker's memory is its highest ever.
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
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bench.copy_rows import Connection
from bench.crowd import crowd
from bench.phones import phones
from bench.pushes import TOKENS, standing
from bench.result import Result
from bench.served import environment
from bench.told import told
from tests.services import postgres
from tests.shop import DEMO

SIZES = (10_000, 100_000, 1_000_000)
SMALL, LARGE = 0, -1
LIMIT_MIB, FLAT = 200.0, 1.3
SETTINGS = {"fsync": "on", "shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
LEFT = "SELECT count(*) FROM outbox WHERE told < wanted"
OPEN = "SELECT count(*) FROM campaign WHERE state = 'running'"


def measure() -> Iterator[Result]:
    sizes = SIZES[:2] if os.environ.get("QUICK") else SIZES
    costs, memory = [], 0.0
    for size in sizes:
        with told(f"a program of {size:,}"):
            seconds, memory = _published(size)
        costs.append(seconds / size * 1e6)
        print(f"  {size / seconds:,.0f} cards a second, worker {memory:.0f} MiB", file=sys.stderr, flush=True)
    yield Result(f"a card among {sizes[LARGE]:,}", costs[LARGE], costs[SMALL], "us", "among 10,000", FLAT)
    yield Result("worker's memory", memory, LIMIT_MIB, "MB", "limit", 1.0)


def _published(size: int) -> tuple[float, float]:
    """Seconds until all are told, and the worker's MiB."""
    with (
        tempfile.TemporaryDirectory() as name,
        postgres.cluster(**SETTINGS) as server,
        postgres.database(server) as address,
        phones(Path(name) / "shop", 1, address) as known,
        standing(Path(name)) as (_, url),
        _connected(address) as connection,
    ):
        crowd(connection, size, TOKENS)
        env = {
            **os.environ,
            **environment(known.shop),
            "WALLET_APNS_URL": url,
            "WALLET_APNS_CA_FILE": str(Path(name) / "ca.pem"),
        }
        with _worker(env, Path(name) / "worker.log") as worker:
            _until_quiet(connection)
            return _told(connection, env, Path(name)), _most_memory(worker)


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    url = make_url(address).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        yield connection


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
    body = folder / "coffee.json"
    body.write_text(json.dumps(DEMO | {"organization": f"Coffee {datetime.now(UTC):%H:%M:%S}"}))
    command = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet"]
    began = time.perf_counter()
    publish = [*command, "program", "publish", "--rate", "0", "--yes", "coffee", str(body)]
    subprocess.run(publish, env=env, check=True, stdout=subprocess.DEVNULL)
    _until_quiet(connection)
    return time.perf_counter() - began


def _until_quiet(connection: Connection) -> None:
    while _count(connection, OPEN) or _count(connection, LEFT):
        time.sleep(0.2)


def _count(connection: Connection, query: str) -> int:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return int(found[0])


def _most_memory(process: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    most = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert most is not None
    return int(most[1]) / 1024


if __name__ == "__main__":
    for result in measure():
        print(result)
