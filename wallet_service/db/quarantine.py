"""A database that was restored or copied stands still: no transaction that writes begins in it (S29).

SQLite is asked in each transaction, which costs some microseconds. On PostgreSQL each connection is asked
once, and again while it stands still: a quarantine begins there only by cutting every connection.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session, SessionTransaction

from wallet_service.domain.errors import Quarantined

ANYWAY = "in quarantine"
"""Key of `session.info`: this transaction is for the time of a quarantine, too."""
SEEN_OPEN = "seen open"
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
    if not known.get(SEEN_OPEN):
        if stands(connection):
            raise _quarantined()
        known[SEEN_OPEN] = True


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
