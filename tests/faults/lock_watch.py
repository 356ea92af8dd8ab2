"""How long one transaction keeps others from writing, seen from outside."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from tests.faults.ground import POSTGRESQL, SQLITE, straight_to
from tests.faults.house import House

PAUSE = {SQLITE: 0.001, POSTGRESQL: 0.02}  # seconds between two looks
WRITERS = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
    FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE backend_xid IS NOT NULL AND mode IN ('RowShareLock', 'RowExclusiveLock')
        AND relation IN ('card'::regclass, 'ledger_entry'::regclass, 'outbox'::regclass)
"""


@contextmanager
def watched(house: House, kind: str) -> Iterator[list[float]]:
    """The seconds that the writer of each moment had been at it, as often as we can look."""
    found, stop = [0.0], threading.Event()

    def watch() -> None:
        with (_on_sqlite if kind == SQLITE else _on_postgresql)(house) as look:
            while not stop.wait(PAUSE[kind]):
                found.append(look())

    thread = threading.Thread(target=watch, name="watch on locks")
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


@contextmanager
def _on_sqlite(house: House) -> Iterator[Callable[[], float]]:
    """Several in a row without a gap between them count as one: more than there is, and never less."""
    path = house.settings.database_url.removeprefix("sqlite:///")
    since = 0.0

    def look() -> float:
        nonlocal since
        with suppress(sqlite3.OperationalError):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            since = 0.0
            return 0.0
        since = since or time.monotonic()
        return time.monotonic() - since

    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        yield look


@contextmanager
def _on_postgresql(house: House) -> Iterator[Callable[[], float]]:
    with straight_to(house.settings.database_url) as connection:
        yield lambda: float(connection.execute(WRITERS).fetchall()[0][0])
