"""What a CSV file of members says, line by line: a row to import, or what is wrong with the line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from wallet_service.actions.people import NOTHING, About, details
from wallet_service.domain.csv_cells import plain
from wallet_service.domain.errors import BadCardNumber, Invalid
from wallet_service.domain.identifiers import parse_card_number
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program

COLUMNS = (
    "reference",
    "name",
    "language",
    "balance",
    "number",
    "joined_at",
    "phone",
    "email",
    "birthday",
)
LONGEST_REFERENCE, LONGEST_NAME = 64, 80
MOST = 1_000_000_000
FIRST_YEAR = 1970


@dataclass(frozen=True)
class Row:
    """`line` is where it stands in the file; `reference` is the shop's own name of the member."""

    line: int
    reference: str
    name: str | None
    language: str | None
    balance: int
    number: str | None
    joined_at: datetime | None
    about: About = NOTHING


@dataclass(frozen=True)
class BadLine:
    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class _Bad(Exception):
    """What is wrong with a cell; told with its line, never seen outside."""


@dataclass
class _Reader:
    """`seen` are the lines of the references and numbers so far."""

    program: Program
    now: datetime
    seen: dict[str, int] = field(default_factory=dict)

    def row(self, line: int, cells: Mapping[str, str]) -> Row:
        joined_at = _joined_at(cells.get("joined_at", ""), self.program, self.now)
        return Row(
            line,
            self._once(line, "reference", _reference(cells["reference"])),
            _name(cells.get("name", "")),
            _language(cells.get("language", ""), self.program),
            _balance(cells.get("balance", "")),
            self._once(line, "number", _number(cells.get("number", ""))) or None,
            joined_at,
            _about(cells, self.program, joined_at or self.now),
        )

    def _once(self, line: int, what: str, value: str) -> str:
        before = self.seen.setdefault(f"{what} {value}", line) if value else line
        if before != line:
            raise _Bad(f"The {what} {value} stands in line {before} already.")
        return value


def read(lines: Iterable[str], program: Program, now: datetime) -> Iterator[Row | BadLine]:
    """Of a text that was opened with newline="" and errors="surrogateescape"; commas or semicolons. Where
    there is no column of references nothing else is read.
    """
    lines = iter(lines)
    first = next(lines, "").removeprefix("\ufeff")
    table = csv.reader(chain([first], lines), delimiter=";" if ";" in first else ",", strict=True)
    header = [cell.strip().lower() for cell in _header(table)]
    yield from (BadLine(1, reason) for reason in _header_faults(header))
    if "reference" in header:
        yield from _rows(table, header, _Reader(program, now))


def _header(table: Iterator[list[str]]) -> list[str]:
    try:
        return next(table, [])
    except csv.Error:
        return []


def _header_faults(header: Sequence[str]) -> Iterator[str]:
    if "reference" not in header:
        yield "There is no column `reference`: the shop's own name of each member, such as a number."
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            yield f"There is no column {_shown(name)}. Leave it out; known are {', '.join(COLUMNS)}."
        elif header.count(name) > 1:
            yield f"The column {name} is there {header.count(name)} times."


def _rows(table: Iterator[list[str]], header: Sequence[str], reader: _Reader) -> Iterator[Row | BadLine]:
    while True:
        line = table.line_num + 1  # type: ignore[attr-defined]  # of the first line, where a name has several
        try:
            cells = next(table, None)
            if cells is None:
                return
            if cells:
                yield reader.row(line, _named(cells, header))
        except (_Bad, csv.Error) as fault:
            yield BadLine(line, str(fault) if isinstance(fault, _Bad) else f"It is no CSV: {fault}.")


def _named(cells: Sequence[str], header: Sequence[str]) -> Mapping[str, str]:
    if any("\ud800" <= char <= "\udfff" for cell in cells for char in cell):
        raise _Bad("It is not UTF-8. Save the file as UTF-8 and try again.")
    if len(cells) != len(header):
        raise _Bad(f"It has {len(cells)} cells, the first line has {len(header)}.")
    return {name: plain(cell).strip() for name, cell in zip(header, cells, strict=True)}


def _reference(cell: str) -> str:
    if not cell:
        raise _Bad("The reference is empty.")
    if len(cell) > LONGEST_REFERENCE:
        raise _Bad(f"The reference has {len(cell)} characters; {LONGEST_REFERENCE} are the most.")
    if one_line(cell) != cell:
        raise _Bad("The reference holds characters that nobody can see or type.")
    return cell


def _name(cell: str) -> str | None:
    if len(cell) > LONGEST_NAME:
        raise _Bad(f"The name has {len(cell)} characters; {LONGEST_NAME} are the most.")
    return one_line(cell) or None


def _language(cell: str, program: Program) -> str | None:
    if cell and cell not in program.languages:
        raise _Bad(f"The program does not speak {_shown(cell)}; it speaks {', '.join(program.languages)}.")
    return cell or None


def _balance(cell: str) -> int:
    if re.fullmatch(r"[0-9]*", cell):
        if len(cell) > len(str(MOST)) or int(cell or "0") > MOST:
            raise _Bad(f"The balance {_shown(cell)} is more than {MOST}.")
        return int(cell or "0")
    if re.fullmatch(r"-[0-9.,]+", cell):
        raise _Bad(f"The balance {_shown(cell)} is below 0. A card begins with 0 or more.")
    if re.fullmatch(r"[0-9]*[.,][0-9]*", cell):
        raise _Bad(f"The balance {_shown(cell)} is no whole number. Money counts in minor units.")
    raise _Bad(f"The balance {_shown(cell)} is no number.")


def _number(cell: str) -> str:
    try:
        return parse_card_number(cell) if cell else ""
    except BadCardNumber as fault:
        raise _Bad(f"{fault.detail} Leave `number` empty, and the card gets one of its own.") from fault


def _joined_at(cell: str, program: Program, now: datetime) -> datetime | None:
    if not cell:
        return None
    try:
        at = datetime.fromisoformat(cell)
        at = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(program.time_zone))).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise _Bad(f"The time {_shown(cell)} cannot be read. Write it as 2024-05-31.") from fault
    if not at.year >= FIRST_YEAR or at > now:
        raise _Bad(f"Nobody joined at {_shown(cell)}: that is in the future, or before {FIRST_YEAR}.")
    return at


def _about(cells: Mapping[str, str], program: Program, now: datetime) -> About:
    told = About(cells.get("phone") or None, cells.get("email") or None, cells.get("birthday") or None)
    try:
        details(told, program, now)
    except Invalid as fault:
        raise _Bad(fault.detail) from fault
    return told


def _shown(text: str) -> str:
    return f"`{one_line(text, 40)}`"
