"""The migrations make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

from wallet_service.db import migrate
from wallet_service.db.session import Sessions


def test_migrations_equal_tables(empty_database_url: str) -> None:
    sessions = Sessions(empty_database_url)
    migrate.upgrade(sessions.engine)
    migrate.upgrade(sessions.engine)
    assert migrate.differences(sessions.engine) == []
    sessions.close()
