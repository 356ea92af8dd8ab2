"""What purchases did beside the points, made again: evaluations, counts, and what came back of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from wallet_service.actions import tallies
from wallet_service.actions.bookkeeping import USE
from wallet_service.actions.ledger_checks.finding import Fault, Line
from wallet_service.domain import expiry, ledger
from wallet_service.domain.local_days import month_name
from wallet_service.domain.lots import Take
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import evaluate, from_basis, limit_periods

Counts = dict[tuple[str, str], int]
"""By name and period, as `tally` keeps them."""


@dataclass(slots=True)
class Seen:
    """What later entries need of an earlier one. `taken` and `back` are points and money that came back."""

    seq: int
    kind: str
    points: int
    total: int | None
    occurred_at: datetime
    takes: tuple[Take, ...]
    paid: bool = False
    uses: tuple[tuple[str, int], ...] = ()
    taken: int = 0
    back: int = 0


@dataclass
class Purchases:
    """`receipts` are those that were paid and not taken back; `idle_until` when sliding points burn."""

    receipts: int = 0
    idle_until: datetime | None = None
    counts: Counts = field(default_factory=dict)

    def add(self, line: Line, seen: Seen, target: Seen | None) -> Iterator[Fault]:
        row, program = line.row, line.program
        if row["kind"] == Kind.EARN:
            yield from self._evaluate(line, seen)
            self._count(program, seen, row["status_points"], sign=1)
            self.receipts += seen.paid
        self.idle_until = expiry.idle_after(
            program, self.idle_until, row["occurred_at"], used=row["kind"] in USE, slides=row["slides"]
        )
        if target is not None:
            yield from _take_back(line, target)
            if target.kind == Kind.EARN:
                self._uncount(line, target)

    def hand_over(self, to: Purchases | None = None) -> None:
        """All of it goes with the points of a card that is merged into another."""
        if to is not None:
            to.receipts += self.receipts
            to.idle_until = max(filter(None, (to.idle_until, self.idle_until)), default=None)
            for (name, period), amount in self.counts.items():
                to._add(name, period, amount)
        self.receipts, self.counts = 0, {}

    def _evaluate(self, line: Line, seen: Seen) -> Iterator[Fault]:
        """An entry from before the basis was kept stands as it is."""
        row = line.row
        if row["basis"] is None:
            seen.paid = True
            return
        purchase, circumstances = from_basis(row["basis"])
        worth = evaluate(line.program, purchase, circumstances)
        seen.paid, seen.uses = ledger.is_paid(purchase), worth.uses
        booked = (row["points"], row["status_points"], row["carried"])
        again = (worth.points, worth.status, "{}/{}".format(*worth.carried))
        for name, was, now in zip(("points", "status", "carried"), booked, again, strict=True):
            if was != now:
                yield Fault("evaluation", f"{name}: booked {was}, evaluated again {now}")

    def _uncount(self, line: Line, target: Seen) -> None:
        whole = line.row["kind"] == Kind.REVERSE or target.total is None or target.back >= target.total
        if whole:
            self.receipts = max(self.receipts - target.paid, 0)
        self._count(line.program, target, line.row["status_points"], sign=-1 if whole else 0)

    def _count(self, program: Program, of: Seen, status: int, *, sign: int) -> None:
        """By the program in force when it was counted, as the tallies are."""
        if status and program.tiers is not None:
            self._add(tallies.STATUS, month_name(of.occurred_at, program.time_zone), status)
        if sign and of.uses:
            periods = limit_periods(program, of.occurred_at)
            for rule, count in of.uses:
                if rule in periods:
                    self._add(f"rule:{rule}", periods[rule], sign * count)

    def _add(self, name: str, period: str, amount: int) -> None:
        self.counts[name, period] = self.counts.get((name, period), 0) + amount


def _take_back(line: Line, target: Seen) -> Iterator[Fault]:
    """In however many parts, never more than there was (invariant 8)."""
    target.taken -= line.row["points"]
    target.back -= line.row["total"] or 0
    if abs(target.taken) > abs(target.points) or target.taken * target.points < 0:
        yield Fault("refund", f"{target.taken} of entry {target.seq} are taken back, it was {target.points}")
    if target.total is not None and target.back > target.total:
        yield Fault("refund", f"{target.back} came back of entry {target.seq}, which was {target.total}")
