"""A card made again from its entries alone, each held against those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from wallet_service.actions import entries
from wallet_service.actions.ledger_checks.finding import Fault, Line, Row
from wallet_service.actions.ledger_checks.lots import Lots
from wallet_service.actions.ledger_checks.purchases import Purchases, Seen
from wallet_service.domain import chain
from wallet_service.domain.progress import Kind, Standing

Dropped = Callable[[int], Purchases | None]
"""What the purchases of the other card came to that was merged by this operation."""


@dataclass
class History:
    """`stands` is everything folded so far; `off` by how much the last line's balance was not its own."""

    serial: str
    dropped: Dropped
    stands: Standing = field(default_factory=Standing)
    seq: int = 0
    head: str = chain.START
    carried: str = "0/1"
    lots: Lots = field(default_factory=Lots)
    purchases: Purchases = field(default_factory=Purchases)
    handed: Purchases = field(default_factory=Purchases)
    merged: set[int] = field(default_factory=set)
    seen: dict[int, Seen] = field(default_factory=dict)
    off: int = 0

    def add(self, line: Line) -> Iterator[Fault]:
        row = line.row
        target = self.seen.get(row["reverses_id"] or 0)
        yield from self._number(row)
        yield from self._chain(line, target)
        self._fold(row)
        yield from self._sum(row)
        self._merge(line)
        paid, idle_until = self.purchases.receipts > 0, self.purchases.idle_until
        self._remember(line)
        seen = self.seen[row["id"]]
        yield from self.purchases.add(line, seen, target)
        given = target.takes if target else ()
        yield from self.lots.add(line, self.stands.balance, given, paid=paid, idle_until=idle_until)

    def _number(self, row: Row) -> Iterator[Fault]:
        if row["seq"] != self.seq + 1:
            yield Fault("number", f"it follows entry {self.seq}; what lay between is gone")
        self.seq = row["seq"]

    def _chain(self, line: Line, target: Seen | None) -> Iterator[Fault]:
        """A break is told once: what follows is held against what is written."""
        row, program = line.row, line.program
        said = entries.line(
            row,
            serial=self.serial,
            program=f"{program.slug}@{program.version}",
            reverses=target.seq if target else None,
            takes=line.takes,
        )
        if row["reverses_id"] and target is None:
            yield Fault("chain", "it takes back an entry that this card does not have")
        if row["previous_hash"] != self.head:
            yield Fault("chain", "it was written after another line than the one that stands before it")
        if chain.digest(row["previous_hash"], said) != row["hash"]:
            yield Fault("chain", "its hash is not that of what it says")
        self.head = row["hash"]

    def _fold(self, row: Row) -> None:
        after = self.stands.after(
            Kind(row["kind"]), row["points"], endowed=row["endowed"], status=row["status_points"]
        )
        endowed = max(after.endowed, 0)
        self.stands = Standing(after.balance, after.status, endowed, after.gained, after.last)
        self.carried = row["carried"]

    def _sum(self, row: Row) -> Iterator[Fault]:
        off = row["balance_after"] - self.stands.balance
        if off not in (0, self.off):
            told = (
                f"balance_after is {row['balance_after']}, the entries before it make {self.stands.balance}"
            )
            yield Fault("sum", told)
        self.off = off

    def _merge(self, line: Line) -> None:
        rule = line.row["trace"][0]["rule"] if line.row["kind"] == Kind.ADJUST and line.row["trace"] else ""
        if rule == "merged_out":
            self.purchases.hand_over(self.handed)
        if rule == "merged_in" and line.row["operation_id"] not in self.merged:
            self.merged.add(line.row["operation_id"])
            came = self.dropped(line.row["operation_id"])
            if came is not None:
                came.hand_over(self.purchases)

    def _remember(self, line: Line) -> None:
        row = line.row
        self.seen[row["id"]] = Seen(
            row["seq"], row["kind"], row["points"], row["total"], row["occurred_at"], line.takes
        )
