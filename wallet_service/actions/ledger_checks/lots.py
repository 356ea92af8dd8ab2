"""The lots of a card made again from its entries: what came in, what was taken from where, what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from wallet_service.actions.ledger_checks.finding import Fault, Line, Row
from wallet_service.domain import lots
from wallet_service.domain.lots import Lot, Take
from wallet_service.domain.progress import Kind

BY_THE_CLOCK_OR_BY_HAND = (Kind.REDEEM, Kind.EXPIRE, Kind.ADJUST)
"""What takes in a fixed order; whatever takes back takes from its own lot first."""


@dataclass(slots=True)
class Whole:
    """A lot with what it held at first; `left` moves. One that slides and `burnt` once stays burnt."""

    seq: int
    amount: int
    left: int
    available_from: datetime
    expires_at: datetime | None
    slides: bool
    gift: bool
    burnt: datetime | None = None

    def good_until(self, idle_until: datetime | None) -> datetime | None:
        return self.burnt or (idle_until if self.slides else self.expires_at)

    def as_of(self, idle_until: datetime | None) -> Lot:
        until = self.good_until(idle_until)
        return Lot(self.seq, self.left, self.available_from, until, self.gift, self.slides)


@dataclass
class Lots:
    """`held` is what all of them hold together; `off` by how much that is not the balance."""

    known: dict[int, Whole] = field(default_factory=dict)
    open: dict[int, Whole] = field(default_factory=dict)
    held: int = 0
    off: int = 0

    def add(
        self, line: Line, balance: int, given: tuple[Take, ...], *, paid: bool, idle_until: datetime | None
    ) -> Iterator[Fault]:
        """`given` is what the entry took that this one takes back; `paid` and `idle_until` are of before."""
        yield from self._in_order(line, paid=paid, idle_until=idle_until)
        self._open(line)
        for take in line.takes:
            yield from self._move(line, take, given, idle_until)
        yield from self._against(balance)

    def as_lots(self, idle_until: datetime | None) -> list[Lot]:
        return [lot.as_of(idle_until) for lot in self.open.values()]

    def _in_order(self, line: Line, *, paid: bool, idle_until: datetime | None) -> Iterator[Fault]:
        row = line.row
        if row["points"] >= 0 or row["kind"] not in BY_THE_CLOCK_OR_BY_HAND:
            return
        wanted = _wanted(row, self.as_lots(idle_until), paid=paid)
        if set(line.takes) != set(wanted):
            yield Fault("order", f"it took {_told(line.takes)}, but its turn had {_told(wanted)}")

    def _open(self, line: Line) -> None:
        row = line.row
        if row["available_from"] is None:
            return
        amount = row["points"] + sum(take.amount for take in line.takes if take.amount < 0)
        made = Whole(
            row["seq"],
            amount,
            amount,
            row["available_from"],
            row["expires_at"],
            row["slides"],
            gift=row["endowed"] > 0,
        )
        self.known[made.seq] = made
        self.held += amount
        if amount:
            self.open[made.seq] = made

    def _move(
        self, line: Line, take: Take, given: tuple[Take, ...], idle_until: datetime | None
    ) -> Iterator[Fault]:
        lot, recorded = self.known.get(take.lot), line.row["recorded_at"]
        if lot is None:
            yield Fault("lot", f"it took {take.amount} of lot {take.lot}, which is no lot of this card")
            return
        own = take.lot == line.row["seq"]
        good_until = lot.good_until(idle_until)
        late = good_until is not None and good_until <= recorded
        if take.amount > 0 and late and not own and line.row["kind"] != Kind.EXPIRE:
            yield Fault("lot", f"it took {take.amount} of lot {take.lot}, which had burnt at {good_until}")
        if take.amount < 0 and -take.amount > _taken(given, take.lot):
            yield Fault("lot", f"it gave {-take.amount} back to lot {take.lot}, more than was taken from it")
        if line.row["kind"] == Kind.EXPIRE and lot.slides:
            lot.burnt = line.row["occurred_at"]
        yield from self._draw(lot, take.amount)

    def _draw(self, lot: Whole, amount: int) -> Iterator[Fault]:
        lot.left -= amount
        self.held -= amount
        if lot.left < 0:
            yield Fault("lot", f"lot {lot.seq} held {lot.amount}, {lot.amount - lot.left} are taken from it")
        if lot.left > lot.amount:
            yield Fault("lot", f"lot {lot.seq} held {lot.amount}, now {lot.left} are left in it")
        if lot.left:
            self.open[lot.seq] = lot
        else:
            self.open.pop(lot.seq, None)

    def _against(self, balance: int) -> Iterator[Fault]:
        """All points lie in lots; whoever is in deficit has none."""
        off = self.held - max(balance, 0)
        if off not in (0, self.off):
            yield Fault("lot", f"its lots hold {self.held}, the balance is {balance}")
        self.off = off


def differing(made: Lots, kept: Iterable[Row]) -> Iterator[Fault]:
    """The open lots that are kept, against those that the entries make."""
    rows = {row["seq"]: row for row in kept}
    for seq in sorted(made.open.keys() | rows.keys()):
        wanted = _as_row(made.open[seq]) if seq in made.open else None
        there = {name: rows[seq][name] for name in OPEN} if seq in rows else None
        if wanted != there:
            yield Fault(
                "open lots", f"lot {seq} is kept as {_lot(there)}; its entries make it {_lot(wanted)}"
            )


OPEN = ("points_left", "available_from", "expires_at", "slides", "gift")


def _as_row(lot: Whole) -> Row:
    until = None if lot.slides else lot.expires_at
    return dict(zip(OPEN, (lot.left, lot.available_from, until, lot.slides, lot.gift), strict=True))


def _lot(row: Row | None) -> str:
    if row is None:
        return "nothing"
    until = "sliding" if row["slides"] else f"until {row['expires_at'] or 'ever'}"
    gift = ", a gift" if row["gift"] else ""
    return f"{row['points_left']} from {row['available_from']} {until}{gift}"


def _wanted(row: Row, there: list[Lot], *, paid: bool) -> tuple[Take, ...]:
    at, amount = row["recorded_at"], -row["points"]
    if row["kind"] == Kind.EXPIRE:
        return lots.burn([lot for lot in there if lot.expires_at == row["occurred_at"]], at)
    if row["kind"] == Kind.REDEEM:
        return lots.spend(there, amount, at, paid=paid)
    return lots.claw_back([lot for lot in there if not lot.burnt(at)], amount)


def _taken(given: tuple[Take, ...], lot: int) -> int:
    return sum(take.amount for take in given if take.lot == lot)


def _told(takes: Iterable[Take]) -> str:
    return ", ".join(f"{take.amount} of lot {take.lot}" for take in takes) or "nothing"
