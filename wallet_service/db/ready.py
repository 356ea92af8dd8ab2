"""Statements on the way that every purchase takes: worded once for each database, then handed to its driver.

What SQLAlchemy does around every execution takes longer there than the database itself. Values are still
converted by the types of their columns, and errors are still SQLAlchemy's.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from wallet_service.db.tables.base import UtcTime

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


def written(session: Session) -> Connection:
    """The connection, once all that the session holds is on it."""
    session.flush()
    return session.connection()


class Ready:
    """`wording` is a statement, or makes it for a database by name. A plain insert names its `columns`."""

    def __init__(self, wording: Any, columns: Iterable[str] = ()) -> None:
        self._wording, self._columns = wording, [*columns]
        self._known: dict[str, _Worded] = {}

    def send(self, connection: Connection, *rows: Values) -> int:
        """Answers how many rows it met; with several, whatever the driver counts."""
        worded = self._worded(connection.dialect)
        with _cursor(connection, worded.text) as cursor:
            if len(rows) == 1:
                cursor.execute(worded.text, worded.bound(rows[0]))
            else:
                cursor.executemany(worded.text, [worded.bound(values) for values in rows])
            return int(cursor.rowcount)

    def answers(self, connection: Connection, values: Values) -> list[Any]:
        """The one column that it returns, not converted."""
        worded = self._worded(connection.dialect)
        with _cursor(connection, worded.text) as cursor:
            cursor.execute(worded.text, worded.bound(values))
            return [row[0] for row in cursor.fetchall()]

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Named tuples, as a select of SQLAlchemy returns them."""
        worded = self._worded(connection.dialect)
        with _cursor(connection, worded.text) as cursor:
            cursor.execute(worded.text, worded.bound(values))
            return [worded.row(found) for found in cursor.fetchall()]

    def row(self, connection: Connection, values: Values) -> Any | None:
        """The only one, or the first."""
        return next(iter(self.rows(connection, values)), None)

    def _worded(self, dialect: Dialect) -> _Worded:
        if dialect.name not in self._known:
            statement = self._wording(dialect.name) if callable(self._wording) else self._wording
            self._known[dialect.name] = _worded(statement, self._columns, dialect)
        return self._known[dialect.name]


@dataclass(frozen=True)
class _Worded:
    """`order` is empty where parameters go by name; `fixed` are those that never change."""

    text: str
    order: tuple[str, ...]
    converts: tuple[tuple[str, Convert], ...]
    fixed: Values
    named: Callable[[Iterable[Any]], Any]
    reads: tuple[tuple[int, Convert], ...]

    def row(self, found: Sequence[Any]) -> Any:
        read = [*found]
        for place, convert in self.reads:
            read[place] = convert(read[place])
        return self.named(read)

    def bound(self, values: Values) -> Any:
        given = {**self.fixed, **values}
        for name, convert in self.converts:
            given[name] = convert(given[name])
        return [given[name] for name in self.order] if self.order else given


def _worded(statement: Any, columns: Sequence[str], dialect: Dialect) -> _Worded:
    compiled = statement.compile(dialect=dialect, column_keys=columns or None)
    returned = compiled._result_columns
    binds = {name: compiled.binds[name] for name in compiled.params}
    converts = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    return _Worded(
        text=str(compiled),
        order=tuple(compiled.positiontup or ()),
        converts=tuple(
            (name, _remembering(binds[name].type, convert)) for name, convert in converts.items() if convert
        ),
        fixed={name: bind.value for name, bind in binds.items() if bind.value is not None},
        named=_named([column.keyname for column in returned]),
        reads=tuple(
            (place, read)
            for place, column in enumerate(returned)
            if (read := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ),
    )


def _named(columns: Iterable[str]) -> Callable[[Iterable[Any]], Any]:
    kind: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
    return cast(Callable[[Iterable[Any]], Any], kind._make)


def _remembering(kind: Any, convert: Convert) -> Convert:
    """The same moment stands in a dozen columns of one purchase."""
    return lru_cache(maxsize=64)(convert) if isinstance(kind, UtcTime) else convert


@contextmanager
def _cursor(connection: Connection, text: str) -> Iterator[Any]:
    """Fails as a statement of SQLAlchemy does, and never tells the values."""
    dialect, driver = connection.dialect, connection.connection
    cursor = driver.cursor()
    try:
        yield cursor
    except dialect.loaded_dbapi.Error as error:
        gone = dialect.is_disconnect(error, driver, cursor)
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=gone,
            dialect=dialect,
        ) from error
    finally:
        cursor.close()
