"""Every row of one database into the empty tables of another, of whatever kind each is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, delete, func, insert, inspect, select
from sqlalchemy.schema import AddConstraint, DropConstraint, ForeignKeyConstraint

from wallet_service.db.patience import take_time
from wallet_service.db.tables import Base, Installation, LedgerEntry, Member, ProgramRow, Staff
from wallet_service.db.tables.base import table

PART = 1_000
USED = [table(one) for one in (ProgramRow, Member, Staff, LedgerEntry)]
NOT_MOVED = frozenset({Installation.__tablename__})
"""The new place settles in by itself."""


def tables() -> list[Table]:
    return [one for one in Base.metadata.sorted_tables if one.name not in NOT_MOVED]


def is_empty(engine: Engine) -> bool:
    """Nothing has happened in it yet; migrations may have written first rows."""
    there = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        return not any(_rows(connection, one) for one in USED if one.name in there)


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {one.name: _rows(connection, one) for one in tables()}


def copy_all(source: Engine, target: Engine) -> Iterator[int]:
    """In one transaction on each side; answers how many rows went over, part by part. References are checked
    when all is there: rows refer to later ones of their own table.
    """
    writer = target.execution_options(wallet_writer=True)
    with source.connect() as from_there, writer.begin() as to_here, _references_wait(to_here):
        take_time(to_here)
        for one in reversed(tables()):
            if _rows(to_here, one):  # first rows of the migrations, which are in the source, too
                to_here.execute(delete(one))
        for one in tables():
            for part in from_there.execution_options(yield_per=PART).execute(select(one)).partitions():
                to_here.execute(insert(one), [dict(row._mapping) for row in part])
                yield len(part)
            _number_on(to_here, one)


def _rows(connection: Connection, of: Table) -> int:
    return connection.scalar(select(func.count()).select_from(of)) or 0


@contextmanager
def _references_wait(connection: Connection) -> Iterator[None]:
    """SQLite looks at them when the transaction ends; PostgreSQL gets them anew, which checks every row."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
        return
    rules = (rule for one in tables() for rule in one.constraints)
    references = [rule for rule in rules if isinstance(rule, ForeignKeyConstraint)]
    for one in references:
        connection.execute(DropConstraint(one))
    yield
    for one in references:
        connection.execute(AddConstraint(one))


def _number_on(connection: Connection, of: Table) -> None:
    """The next row gets the number after the last."""
    column = of.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None:
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(of.name, column.name)))
    last = connection.scalar(select(func.max(column)))
    if sequence and last:
        connection.execute(select(func.setval(sequence, last)))
