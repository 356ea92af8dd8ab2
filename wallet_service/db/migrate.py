"""Brings a database to this release's tables, and tells whether the two differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

from wallet_service.db.tables import Base


def upgrade(engine: Engine) -> None:
    """Runs every migration that this database has not seen; does nothing when it is up to date."""
    with engine.execution_options(wallet_writer=True).begin() as connection:
        command.upgrade(_config(connection), "head")


def differences(engine: Engine) -> list[Any]:
    """What the tables in code have and the migrated database has not, or the other way round."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def write_revision(engine: Engine, message: str) -> None:
    """A new migration file out of those differences, to be read and corrected by hand."""
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
