"""SQLite's log keeps what rows said before: emptied, so that nobody finds there who was forgotten."""

from __future__ import annotations

from contextlib import closing

from wallet_service.db.session import PATIENCE_MS, Sessions

PATIENCE = 200  # milliseconds that a till may wait for it


def empty_log(sessions: Sessions) -> None:
    """Not while somebody reads for long: then the next time."""
    if not sessions.sqlite:
        return
    with closing(sessions.engine.raw_connection()) as connection:
        for said in (f"busy_timeout={PATIENCE}", "wal_checkpoint(TRUNCATE)", f"busy_timeout={PATIENCE_MS}"):
            connection.cursor().execute(f"PRAGMA {said}").fetchone()
