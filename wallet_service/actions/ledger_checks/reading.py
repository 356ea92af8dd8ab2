"""Reads cards and their entries page by page, so that memory stays flat however long a history is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.ledger_checks.finding import Line, Row
from wallet_service.db.tables import Allocation, Card, LedgerEntry, OpenLot, Outbox, ProgramRow, Tally
from wallet_service.db.tables.base import table
from wallet_service.domain.lots import Take

PAGE = 2_000
cards_table, entries_table, allocations = table(Card), table(LedgerEntry), table(Allocation)
END = 2**62

Place = tuple[int, int]
"""Card and number of an entry."""
Drawn = dict[Place, tuple[Take, ...]]


def cards(session: Session, program: str | None, after: int, most: int) -> list[Row]:
    """The next ones by id."""
    query = select(cards_table).where(cards_table.c.id > after).order_by(cards_table.c.id).limit(most)
    if program is not None:
        ours = select(ProgramRow.id).where(ProgramRow.slug == program).scalar_subquery()
        query = query.where(cards_table.c.program_id == ours)
    return _rows(session, query)


def lines(session: Session, first: int, last: int, stray: Drawn | None = None) -> Iterator[tuple[int, Line]]:
    """Every entry of the cards from `first` to `last` in order, each with its card. What was drawn by entries
    that do not exist goes into `stray`.
    """
    place: Place = (first, 0)
    rows = _page(session, place, last)
    while rows:
        place_after = (rows[-1]["card_id"], rows[-1]["seq"]) if len(rows) == PAGE else (last, END)
        drawn = _drawn(session, place, place_after)
        for row in rows:
            takes = drawn.pop((row["card_id"], row["seq"]), ())
            program = programs.of_entry(session, row["program_version_id"])
            yield row["card_id"], Line(row, takes, program)
        if stray is not None:
            stray.update(drawn)
        place = place_after
        rows = _page(session, place, last)


def by_card(session: Session, of: type[OpenLot | Tally | Outbox], ids: list[int]) -> dict[int, list[Row]]:
    """The rows of a projection, by card; `ids` in order. Others' cards may lie between them."""
    found: dict[int, list[Row]] = {one: [] for one in ids}
    columns = table(of)
    for row in _rows(session, select(columns).where(columns.c.card_id.between(ids[0], ids[-1]))):
        if row["card_id"] in found:
            found[row["card_id"]].append(row)
    return found


def _page(session: Session, place: Place, last: int) -> list[Row]:
    columns = entries_table.c
    query = (
        select(entries_table)
        .where(_beyond(columns.card_id, columns.seq, place), columns.card_id <= last)
        .order_by(columns.card_id, columns.seq)
        .limit(PAGE)
    )
    return _rows(session, query)


def _rows(session: Session, query: Select[Any]) -> list[Row]:
    """As `mappings()`, in half the time."""
    names = tuple(query.selected_columns.keys())
    return [dict(zip(names, row, strict=True)) for row in session.execute(query)]


def _drawn(session: Session, place: Place, upto: Place) -> Drawn:
    columns = allocations.c
    query = (
        select(columns.card_id, columns.entry_seq, columns.lot_seq, columns.amount)
        .where(
            _beyond(columns.card_id, columns.entry_seq, place),
            tuple_(columns.card_id, columns.entry_seq) <= upto,
        )
        .order_by(columns.card_id, columns.entry_seq, columns.lot_seq)
    )
    found: Drawn = {}
    for card, entry, lot, amount in session.execute(query):
        found[card, entry] = (*found.get((card, entry), ()), Take(lot, amount))
    return found


def _beyond(card: Any, seq: Any, place: Place) -> ColumnElement[bool]:
    return tuple_(card, seq) > place
