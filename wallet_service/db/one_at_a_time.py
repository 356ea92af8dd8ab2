"""What is counted before it is written is counted by one at a time."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def one_at_a_time(session: Session, name: str) -> None:
    """Whoever says the same `name` waits until this transaction ends. SQLite's writers do so anyway;
    PostgreSQL's see nothing of each other, and would all count the same.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(key)))
