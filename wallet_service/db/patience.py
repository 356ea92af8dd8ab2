"""A transaction that goes over whole tables takes its time; on PostgreSQL all others have a till's limits."""

from __future__ import annotations

from sqlalchemy import Connection, text

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def take_time(connection: Connection) -> None:
    """Until it ends."""
    if connection.dialect.name == "postgresql":
        for limit in LIMITS:
            connection.execute(text(f"SET LOCAL {limit} = 0"))
