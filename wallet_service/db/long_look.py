"""A look that takes longer than a till would wait: exports and checks over everything."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")


def long_look(session: Session) -> None:
    """For this transaction alone, PostgreSQL waits for us; SQLite does so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        for limit in LIMITS:
            session.execute(text(f"SET LOCAL {limit} = 0"))
