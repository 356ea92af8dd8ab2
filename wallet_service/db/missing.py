"""Rows that must be there, whoever comes first to write them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wallet_service.db.tables import Base


def insert_missing(session: Session, table: type[Base], **values: Any) -> bool:
    """Tells whether the row is new; who loses the race to insert it loses nothing else."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = next(iter(table.__table__.primary_key))
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(first)
    return session.execute(statement).first() is not None
