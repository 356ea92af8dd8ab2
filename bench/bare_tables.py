"""Tables without their indexes while millions of rows go in; afterwards each index is made in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.copy_rows import Connection
from bench.told import told

INDEXES = """
    SELECT c.conname, i.indexrelid::regclass::text, i.indrelid::regclass::text,
           coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid))
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
    WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
"""


@contextmanager
def without_indexes(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Primary keys stay: other tables refer to them, and rows come in their order."""
    found = connection.execute(INDEXES, (list(tables),)).fetchall()
    for constraint, index, table, _ in found:
        connection.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}"
        )
    yield
    with told("indexes"):
        for constraint, _, table, made_by in found:
            connection.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {made_by}" if constraint else made_by
            )
