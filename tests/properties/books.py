"""Everything that the database keeps of one program, read row by row, and the ledger made again from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from tests.properties.plans import Plan
from tests.properties.presses import Town
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.db.tables import (
    Allocation,
    Base,
    Card,
    LedgerEntry,
    OpenLot,
    Operation,
    Outbox,
    ProgramRow,
    RewardCount,
    Tally,
)
from wallet_service.db.tables.base import table

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """One card: its row, its entries in order, their takes by (entry, lot), and what is kept beside."""

    card: Row
    entries: tuple[Row, ...]
    takes: Mapping[tuple[int, int], int]
    lots: Mapping[int, Row]
    tallies: Mapping[tuple[str, str], int]
    marks: tuple[Row, ...]

    def lot_sizes(self) -> dict[int, int]:
        """How much each credit has of its own: less what it gave back to other lots."""
        return {
            entry["seq"]: entry["points"] + sum(self.takes_of(entry["seq"], below=0).values())
            for entry in self.entries
            if entry["points"] > 0 and entry["available_from"]
        }

    def takes_of(self, seq: int, *, below: int | None = None) -> dict[int, int]:
        """By lot; with `below` only what was given back."""
        drawn = {lot: amount for (entry, lot), amount in self.takes.items() if entry == seq}
        return drawn if below is None else {lot: amount for lot, amount in drawn.items() if amount < below}

    def left(self, before: int) -> dict[int, int]:
        """What was left in each lot when entry `before` was booked."""
        sizes = {seq: size for seq, size in self.lot_sizes().items() if seq < before}
        for (entry, lot), amount in self.takes.items():
            if entry < before:
                sizes[lot] -= amount
        return sizes

    def idle_until(self, plan: Plan, before: int) -> datetime | None:
        used = (
            plan.idle(entry["occurred_at"])
            for entry in self.entries
            if entry["seq"] < before and entry["kind"] in ("earn", "redeem")
        )
        return max(filter(None, used), default=None)


def books(town: Town) -> list[Page]:
    with town.shop.services.sessions.read() as session:

        def rows(of: type[Base], *where: Any) -> list[Row]:
            found = table(of)
            query = select(found).where(*where).order_by(*found.primary_key.columns)
            return [dict(row._mapping) for row in session.execute(query)]

        program = session.scalars(select(ProgramRow.id).where(ProgramRow.slug == town.shop.program)).one()
        cards = rows(Card, Card.program_id == program)
        ids = [card["id"] for card in cards]
        entries = _by_card(rows(LedgerEntry, LedgerEntry.card_id.in_(ids)))
        takes = _by_card(rows(Allocation, Allocation.card_id.in_(ids)))
        lots = _by_card(rows(OpenLot, OpenLot.card_id.in_(ids)))
        tallies = _by_card(rows(Tally, Tally.card_id.in_(ids)))
        marks = _by_card(rows(Outbox, Outbox.card_id.in_(ids)))
        return [
            Page(
                card,
                tuple(sorted(entries[card["id"]], key=lambda entry: int(entry["seq"]))),
                {(take["entry_seq"], take["lot_seq"]): take["amount"] for take in takes[card["id"]]},
                {lot["seq"]: lot for lot in lots[card["id"]]},
                {(tally["name"], tally["period"]): tally["amount"] for tally in tallies[card["id"]]},
                tuple(marks[card["id"]]),
            )
            for card in cards
        ]


def given_away(town: Town) -> dict[str, int]:
    with town.shop.services.sessions.read() as session:
        query = select(RewardCount).join(ProgramRow, ProgramRow.id == RewardCount.program_id)
        found = session.scalars(query.where(ProgramRow.slug == town.shop.program))
        return {row.reward: row.given for row in found}


def findings(town: Town) -> list[str]:
    """What the nightly check says of this program."""
    services = town.shop.services
    looks = check_ledger(services.sessions, wallets=services.wallets, program=town.shop.program)
    return [str(finding) for looked in looks for finding in looked.findings if finding.kind != "day"]


LEDGER = (Card, LedgerEntry, Allocation, OpenLot, Tally, RewardCount, Operation, Outbox)


def dump(town: Town | Any) -> list[tuple[Any, ...]]:
    """All rows of all tables of the ledger, to see that nothing changed."""
    shop = town.shop if isinstance(town, Town) else town
    with shop.services.sessions.read() as session:
        return [tuple(row) for of in LEDGER for row in session.execute(_all(table(of)))]


def _all(of: Table) -> Any:
    return select(of).order_by(*of.primary_key.columns)


def _by_card(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["card_id"]].append(row)
    return found


def every_entry(pages: list[Page]) -> Iterator[tuple[Page, Row]]:
    for page in pages:
        for entry in page.entries:
            yield page, entry
