"""Brings a database to this release's tables, and tells whether the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from wallet_service.db.tables import Base


def upgrade(engine: Engine, to: str = "head") -> None:
    """Runs every migration that this database has not seen; does nothing when it is up to date."""
    writer = engine.execution_options(wallet_writer=True)
    with writer.connect() as connection, _tables_may_move(connection), connection.begin():
        command.upgrade(_config(connection), to)
        _require_references(connection)


@contextmanager
def _tables_may_move(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making a new one in its place: meanwhile nothing refers to anything. It can
    only be told outside a transaction.
    """
    driver = connection.connection.driver_connection
    sqlite = driver if connection.dialect.name == "sqlite" else None
    if sqlite:
        sqlite.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        if sqlite:
            sqlite.execute("PRAGMA foreign_keys=ON")


def _require_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration would leave {len(broken)} rows that refer to nothing")


def differences(engine: Engine) -> list[Any]:
    """What the tables in code have and the migrated database has not, or the other way round."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def behind(engine: Engine) -> bool:
    """Whether this database lacks a migration of this release. One of a newer release is no lack."""
    with engine.connect() as connection:
        here = set(MigrationContext.configure(connection).get_current_heads())
        known = ScriptDirectory.from_config(_config(connection))
    ours = {script.revision for script in known.walk_revisions()}
    return not here or (here <= ours and here != set(known.get_heads()))


def write_revision(engine: Engine, message: str) -> None:
    """A new migration file out of those differences, to be read and corrected by hand."""
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
