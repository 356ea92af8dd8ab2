"""Statements on the way that every purchase takes: worded once for each database, from then on only sent.

What SQLAlchemy looks up again for every execution takes longer there than the database does. Values are
converted by the types of their columns as ever, and errors are SQLAlchemy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect

Values = Mapping[str, Any]
Convert = Callable[[Any], Any] | None


class Ready:
    """`wording` makes the statement for a dialect, or is one that serves all. A plain insert names its
    `columns`.
    """

    def __init__(self, wording: Any, columns: Iterable[str] = ()) -> None:
        self._wording, self._columns = wording, [*columns]
        self._known: dict[str, _Worded] = {}

    def send(self, connection: Connection, values: Values) -> CursorResult[Any]:
        """What comes back is as the database says it, not converted."""
        worded = self._worded(connection.dialect)
        return connection.exec_driver_sql(worded.text, worded.bound(values))

    def send_many(self, connection: Connection, rows: Sequence[Values]) -> None:
        worded = self._worded(connection.dialect)
        bound = [worded.bound(values) for values in rows]
        connection.exec_driver_sql(worded.text, bound if len(bound) > 1 else bound[0])

    def first(self, connection: Connection, values: Values) -> list[Any] | None:
        """The first row of a look, converted."""
        row = self.send(connection, values).first()
        return None if row is None else _converted(row, self._worded(connection.dialect).read)

    def _worded(self, dialect: Dialect) -> _Worded:
        if dialect.name not in self._known:
            statement = self._wording(dialect.name) if callable(self._wording) else self._wording
            self._known[dialect.name] = _worded(statement, self._columns, dialect)
        return self._known[dialect.name]


@dataclass(frozen=True)
class _Worded:
    """`write` names the parameters in order, `fixed` are those that never change."""

    text: str
    positional: bool
    write: tuple[tuple[str, Convert], ...]
    fixed: Values
    read: tuple[Convert, ...]

    def bound(self, values: Values) -> Any:
        given = {**self.fixed, **values}
        if self.positional:
            return tuple(
                [given[name] if convert is None else convert(given[name]) for name, convert in self.write]
            )
        return {
            name: given[name] if convert is None else convert(given[name]) for name, convert in self.write
        }


def _worded(statement: Any, columns: Sequence[str], dialect: Dialect) -> _Worded:
    compiled = statement.compile(dialect=dialect, column_keys=columns or None)
    names = compiled.positiontup if compiled.positional else list(compiled.params)
    return _Worded(
        text=str(compiled),
        positional=compiled.positional,
        write=tuple((name, _impl(compiled.binds[name], dialect).bind_processor(dialect)) for name in names),
        fixed={name: value for name in names if (value := compiled.binds[name].value) is not None},
        read=tuple(
            _impl(column, dialect).result_processor(dialect, None)
            for column in getattr(statement, "selected_columns", ())
        ),
    )


def _impl(element: Any, dialect: Dialect) -> Any:
    return element.type.dialect_impl(dialect)


def _converted(row: Iterable[Any], read: Iterable[Convert]) -> list[Any]:
    return [value if convert is None else convert(value) for value, convert in zip(row, read, strict=True)]
