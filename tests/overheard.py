"""Every statement that SQLite is told, by whichever way: events of SQLAlchemy do not hear ready ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from wallet_service.db.session import Sessions


@contextmanager
def overheard(sessions: Sessions) -> Iterator[list[str]]:
    """What is said within the block, with its values in it."""
    said: list[str] = []

    def listen(driver: Any, _entry: object, _proxy: object) -> None:
        driver.set_trace_callback(said.append)

    def let_go(driver: Any, _entry: object) -> None:
        driver.set_trace_callback(None)

    pool = sessions.engine.pool
    event.listen(pool, "checkout", listen)
    event.listen(pool, "checkin", let_go)
    try:
        yield said
    finally:
        event.remove(pool, "checkout", listen)
        event.remove(pool, "checkin", let_go)
