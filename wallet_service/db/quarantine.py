"""A database that was restored or copied stands still: no transaction that writes begins in it (S29).

SQLite is asked in each transaction, which costs some microseconds. On PostgreSQL each connection is asked
every other second, and each time while it stands still: who put an older database back while others had it
open is found out by the next process that starts, and all of them stop with it.
"""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session, SessionTransaction

from wallet_service.domain.errors import Quarantined

ANYWAY = "in quarantine"
"""Key of `session.info`: this transaction is for the time of a quarantine, too."""
SEEN_OPEN, GOOD_FOR = "seen open", 2.0  # seconds
STANDS = "SELECT 1 FROM installation WHERE quarantined_at IS NOT NULL"
NOT_MADE_YET = "no such table"
LOOK_AGAIN = 60  # seconds


def asked_each_time(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested and not session.info.get(ANYWAY) and _sqlite_stands(connection):
        raise _quarantined()


def asked_of_a_connection(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested or session.info.get(ANYWAY):
        return
    known = connection.connection.info
    if monotonic() - known.get(SEEN_OPEN, -GOOD_FOR) >= GOOD_FOR:
        if stands(connection):
            raise _quarantined()
        known[SEEN_OPEN] = monotonic()


def stands(connection: Connection) -> bool:
    """A database without tables yet has nothing to protect."""
    if connection.dialect.name == "sqlite":
        return _sqlite_stands(connection)
    if connection.execute(text("SELECT to_regclass('installation')")).scalar() is None:
        return False
    return connection.execute(text(STANDS)).first() is not None


def _sqlite_stands(connection: Connection) -> bool:
    """By the driver: this is on the way of every purchase."""
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(STANDS).fetchone() is not None
    except sqlite3.OperationalError as error:
        if NOT_MADE_YET in str(error):
            return False
        raise


def _quarantined() -> Quarantined:
    return Quarantined(
        "The database was restored or copied. Nothing is booked and nothing is pushed until the operator "
        "confirms with `flask wallet quarantine open`.",
        retry_after=LOOK_AGAIN,
    )
