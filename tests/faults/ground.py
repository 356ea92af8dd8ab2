"""What all cases of a run stand on: one nursery, one PostgreSQL server, folders that disappear afterwards."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.faults.house import House, standing
from tests.faults.nursery import Nursery
from tests.services import postgres
from tests.services.memory import in_memory

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


class Ground:
    """Opened by the main thread: what it starts ends with the thread that started it. A nursery that is given
    is others' too.
    """

    def __init__(self, nursery: Nursery | None = None) -> None:
        self._closing, self._lock = ExitStack(), threading.Lock()
        self.nursery = nursery or Nursery()
        self._closing.callback(self.nursery.clear if nursery else self.nursery.close)
        self.close = self._closing.close

    @cached_property
    def server(self) -> str:
        """The address of a PostgreSQL server."""
        with self._lock:
            return self._closing.enter_context(postgres.cluster())

    @contextmanager
    def folder(self, *, on_disk: bool = False) -> Iterator[Path]:
        """Whom a signal kills leaves in memory what was written: only speed needs a disk."""
        made = Path(tempfile.mkdtemp(prefix="wallet-faults-", dir=None if on_disk else in_memory()))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    @contextmanager
    def house(self, kind: str, *, on_disk: bool = False, **wishes: Any) -> Iterator[House]:
        """A town on a fresh database of this kind."""
        with ExitStack() as held:
            folder = held.enter_context(self.folder(on_disk=on_disk))
            if kind == POSTGRESQL:
                wishes["database_url"] = held.enter_context(postgres.database(self.server))
            yield held.enter_context(standing(self.nursery, folder, **wishes))


@contextmanager
def straight_to(address: str) -> Iterator[psycopg.Connection[Any]]:
    """A PostgreSQL database, past everything of ours."""
    url = make_url(address).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        yield connection


def crowd(cards: int, on_android: int, scale: float) -> dict[str, Any]:
    """Fewer people where a test only has a glance: each who saves to Google takes half a second (G25)."""
    if scale < 0.1:
        cards, on_android = cards // 5 + 2, -(-on_android // 5)
    return {"cards": cards, "on_android": on_android}


_opened: list[Ground] = []


@contextmanager
def opened(nursery: Nursery) -> Iterator[None]:
    """For this process, which was forked and does nothing by itself when it ends."""
    _opened.append(Ground(nursery))
    try:
        yield
    finally:
        _opened.pop().close()


def ground() -> Ground:
    if not _opened:
        _opened.append(Ground())
        atexit.register(_opened[0].close)
    return _opened[0]
