"""A thousand copies of each card: other numbers and receipts, and a chain of hashes of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from secrets import token_bytes

from psycopg.sql import SQL, Literal
from sqlalchemy.orm import Session

from bench.copy_rows import Connection, Fields, Numbers, Slots, Write, columns, rows, writing
from bench.told import told
from wallet_service.actions import entries
from wallet_service.actions.ledger_checks import reading
from wallet_service.actions.ledger_checks.finding import Line
from wallet_service.domain import chain
from wallet_service.domain.identifiers import ENTROPY_BYTES, card_number, serial_number

OF_A_CARD = ("card_number", "outbox", "open_lot", "allocation", "tally")
TABLES = ("member", "card", *OF_A_CARD, "operation", "ledger_entry")
MARK, SERIAL, PREVIOUS = "{mark}", "{serial}", "{previous}"
NULL = "\\N"
WITH_ENTRIES = "id IN (SELECT operation_id FROM ledger_entry)"


@dataclass
class Life:
    """A card that was lived, and what its copies are called; `said` are its lines as they are hashed, with
    places for what differs, `lines` the same as rows.
    """

    card: Fields
    said: list[str]
    lines: list[Fields]
    ids: Sequence[int]
    serials: list[str]
    numbers: list[str]
    heads: Sequence[str] = field(default=())


class Copies:
    """`marks` tell the copies of one receipt apart."""

    def __init__(self, connection: Connection, session: Session, many: int) -> None:
        self._connection, self._many = connection, many
        self._marks = [f"{copy:x}." for copy in range(1, many + 1)]
        self._lives = [*self._named(session)]

    def _named(self, session: Session) -> Iterator[Life]:
        cards = rows(self._connection, "card", order="id")
        first, count, many = int(cards[-1][0]) + 1, len(cards), self._many
        numbers = iter({card_number(token_bytes(ENTROPY_BYTES)) for _ in range(many * count + 100)})
        names = columns(self._connection, "ledger_entry")
        for place, card in enumerate(cards):
            lines = rows(self._connection, "ledger_entry", order="seq", where=f"card_id = {card[0]}")
            said = [*_said(session, int(card[0]), str(card[1]))]
            for fields in lines:
                _mark(names, fields)
            yield Life(
                card,
                said,
                lines,
                ids=range(first + place, first + place + many * count, count),
                serials=[serial_number(token_bytes(ENTROPY_BYTES)) for _ in range(many)],
                numbers=[*islice(numbers, many)],
                heads=[chain.START] * many,
            )

    def write(self) -> None:
        with told("operations"):
            operations = self._operations()
        with told("entries"):
            self._entries(operations)
        with told("cards and members"):
            self._cards(self._members())
        with told("what cards hold"):
            for table in OF_A_CARD:
                self._of_a_card(table)
        given = SQL("UPDATE reward_count SET given = given * {}").format(Literal(self._many + 1))
        self._connection.execute(given)

    def _operations(self) -> dict[str, range]:
        """The new ids of each."""
        key, known = columns(self._connection, "operation").index("key"), {}
        found = rows(self._connection, "operation", order="id", where=WITH_ENTRIES)
        numbers = Numbers(self._connection, "operation", self._many)
        with writing(self._connection, "operation") as write:
            for row in found:
                known[row[0]] = ids = numbers()
                write(row, {"id": ids, "key": [mark + row[key] for mark in self._marks]})
        return known

    def _entries(self, operations: Mapping[str, range]) -> None:
        """The first lines of all cards, then the second ones."""
        names = columns(self._connection, "ledger_entry")
        numbers = Numbers(self._connection, "ledger_entry", self._many)
        known: dict[str, range] = {}
        with writing(self._connection, "ledger_entry") as write:
            for place in range(max(len(life.lines) for life in self._lives)):
                for life in self._lives:
                    if place < len(life.lines):
                        row = dict(zip(names, life.lines[place], strict=True))
                        known[row["id"]] = ids = numbers()
                        more = {"id": ids, "operation_id": operations[row["operation_id"]]}
                        if row["reverses_id"] != NULL:
                            more["reverses_id"] = known[row["reverses_id"]]
                        self._line(write, life, place, row, more)

    def _line(
        self, write: Write, life: Life, place: int, row: Mapping[str, str], more: Mapping[str, range]
    ) -> None:
        hashes = self._hashes(life, life.said[place])
        slots: Slots = {"card_id": life.ids, "previous_hash": life.heads, "hash": hashes, **more}
        for name in ("natural_key", "receipt"):
            if MARK in row[name]:
                slots[name] = [row[name].replace(MARK, mark) for mark in self._marks]
        write([*row.values()], slots)
        life.heads = hashes

    def _hashes(self, life: Life, said: str) -> list[str]:
        template, order = _template(said, (PREVIOUS, SERIAL, MARK))
        given = {PREVIOUS: life.heads, SERIAL: life.serials, MARK: self._marks}
        texts = map(template.__mod__, zip(*(given[name] for name in order), strict=True))
        return [sha256(text.encode()).hexdigest() for text in texts]

    def _members(self) -> dict[str, range]:
        numbers, known = Numbers(self._connection, "member", self._many), {}
        found = rows(self._connection, "member", order="id")
        with writing(self._connection, "member") as write:
            for row in found:
                known[row[0]] = ids = numbers()
                write(row, {"id": ids})
        return known

    def _cards(self, members: Mapping[str, range]) -> None:
        member = columns(self._connection, "card").index("member_id")
        with writing(self._connection, "card") as write:
            for life in self._lives:
                slots: Slots = {"id": life.ids, "serial": life.serials, "number": life.numbers}
                write(life.card, slots | {"head": life.heads, "member_id": members[life.card[member]]})

    def _of_a_card(self, table: str) -> None:
        names = columns(self._connection, table)
        lives = {life.card[0]: life for life in self._lives}
        found = rows(self._connection, table, order="card_id")
        numbers = Numbers(self._connection, table, self._many) if "id" in names else None
        with writing(self._connection, table) as write:
            for row in found:
                life = lives[row[names.index("card_id")]]
                slots: Slots = {"card_id": life.ids}
                if numbers:
                    slots["id"] = numbers()
                if "number" in names:
                    slots["number"] = life.numbers
                write(row, slots)


def _mark(names: Sequence[str], fields: Fields) -> None:
    receipt = fields[names.index("receipt")]
    if receipt != NULL:
        for name in ("receipt", "natural_key"):
            place = names.index(name)
            fields[place] = fields[place].replace(receipt, MARK + receipt)


def _said(session: Session, card_id: int, serial: str) -> Iterator[str]:
    """The lines of one card as they are hashed, with places for what differs in a copy."""
    known = [line for _, line in reading.lines(session, card_id, card_id)]
    numbers = {line.row["id"]: line.row["seq"] for line in known}
    for line in known:
        back = numbers.get(line.row["reverses_id"])
        if chain.digest(line.row["previous_hash"], _line(line, serial, back)) != line.row["hash"]:
            raise RuntimeError("a line of the city is not hashed as we hash it")
        row = dict(line.row)
        if receipt := row["receipt"]:
            row |= {name: row[name].replace(receipt, MARK + receipt) for name in ("receipt", "natural_key")}
        yield chain.CANONICAL.encode([PREVIOUS, _line(line._replace(row=row), SERIAL, back)])


def _line(line: Line, serial: str, back: int | None) -> chain.Line:
    program = f"{line.program.slug}@{line.program.version}"
    return entries.line(line.row, serial=serial, program=program, reverses=back, takes=line.takes)


def _template(text: str, places: Sequence[str]) -> tuple[str, list[str]]:
    """For `%`, and the places in the order in which they stand."""
    order = sorted((start, place) for place in places for start in _starts(text, place))
    text = text.replace("%", "%%")
    for place in places:
        text = text.replace(place, "%s")
    return text, [place for _, place in order]


def _starts(text: str, place: str) -> Iterator[int]:
    start = text.find(place)
    while start >= 0:
        yield start
        start = text.find(place, start + 1)
