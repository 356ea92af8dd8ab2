"""Where a database lives: PostgreSQL's server knows a name of its own, a file has none."""

from __future__ import annotations

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session

SERVER = """
SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
"""
LENGTH = 16


def place(session: Session) -> str | None:
    """The same for every machine that uses this very database, another one for every copy of it."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    server, database = session.execute(text(SERVER)).one()
    return hashlib.sha256(f"{server}/{database}".encode()).hexdigest()[:LENGTH]
