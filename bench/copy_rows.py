"""Rows of PostgreSQL in the words of COPY: read as text, written many times with some words changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Literal

Fields = list[str]
Slots = dict[str, Sequence[object]]
"""By column: what stands there in each copy of a row."""

Connection = psycopg.Connection[Any]
Write = Callable[[Fields, Slots], None]


def columns(connection: Connection, table: str) -> list[str]:
    names = (
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
    )
    return [name for (name,) in connection.execute(names, (table,))]


def rows(connection: Connection, table: str, *, order: str, where: LiteralString = "true") -> list[Fields]:
    """Each as the words of its columns."""
    query = SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT").format(
        SQL(", ").join(map(Identifier, columns(connection, table))),
        Identifier(table),
        SQL(where),
        Identifier(order),
    )
    with connection.cursor().copy(query) as copy:
        text = b"".join(copy).decode()
    return [line.split("\t") for line in text.splitlines()]


@contextmanager
def writing(connection: Connection, table: str) -> Iterator[Write]:
    """A function that writes a row once for each copy; afterwards new ids follow on the last of these."""
    names = columns(connection, table)
    query = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), SQL(", ").join(map(Identifier, names)))
    with connection.cursor().copy(query) as copy:

        def write(row: Fields, slots: Slots) -> None:
            words = [
                "%s" if name in slots else word.replace("%", "%%")
                for name, word in zip(names, row, strict=True)
            ]
            template = "\t".join(words) + "\n"
            places = (slots[name] for name in names if name in slots)
            copy.write("".join(map(template.__mod__, zip(*places, strict=True))))

        yield write
    if "id" in names:
        newest = SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}")
        connection.execute(newest.format(Literal(table), Identifier(table)))


class Numbers:
    """The next so many ids of a table."""

    def __init__(self, connection: Connection, table: str, many: int) -> None:
        last = SQL("SELECT coalesce(max(id), 0) FROM {}").format(Identifier(table))
        found = connection.execute(last).fetchone()
        self._next, self._many = (int(found[0]) if found else 0) + 1, many

    def __call__(self) -> range:
        given = range(self._next, self._next + self._many)
        self._next = given.stop
        return given
