"""Alembic's entry: runs on the connection that `migrate` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from wallet_service.db.tables import Base
from wallet_service.db.tables.base import UtcTime


def _plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations outlive our classes: they name the column's own type."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=_plain,
)
with context.begin_transaction():
    context.run_migrations()
