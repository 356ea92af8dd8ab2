"""Lots: every credit is one, and every debit says from which lots it took.

What can be spent is a function of time, never of whether a sweep has run (invariants 4 to 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Lot:
    """What is left of a credit. `seq` is the entry's number on its card; good while
    `available_from` <= t < `expires_at` (None: for ever), which moves with the card's use when it `slides`.
    A `gift` is for whoever has paid once.
    """

    seq: int
    left: int
    available_from: datetime
    expires_at: datetime | None = None
    gift: bool = False
    slides: bool = False

    def burnt(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def spendable(self, now: datetime, *, paid: bool) -> bool:
        return self.available_from <= now and not self.burnt(now) and (paid or not self.gift)


@dataclass(frozen=True)
class Take:
    """`amount` above 0 consumes, below 0 gives back."""

    lot: int
    amount: int


def held(lots: Iterable[Lot], now: datetime) -> int:
    """What the card shows: all that is available, a gift that waits for the first purchase included."""
    return sum(lot.left for lot in lots if lot.spendable(now, paid=True))


def spendable(lots: Iterable[Lot], now: datetime, *, paid: bool) -> int:
    return sum(lot.left for lot in lots if lot.spendable(now, paid=paid))


def spend(lots: Sequence[Lot], amount: int, now: datetime, *, paid: bool) -> tuple[Take, ...]:
    """From those that can be spent, the soonest to expire first. The caller has looked that it is enough."""
    return _take([lot for lot in lots if lot.spendable(now, paid=paid)], amount)


def claw_back(lots: Sequence[Lot], amount: int, own: int | None = None) -> tuple[Take, ...]:
    """From the `own` lot first, then from whatever is left; less than `amount` when there is not enough."""
    return _take(lots, amount, own)


def burn(lots: Iterable[Lot], now: datetime) -> tuple[Take, ...]:
    return tuple(Take(lot.seq, lot.left) for lot in lots if lot.burnt(now))


def _take(lots: Sequence[Lot], amount: int, own: int | None = None) -> tuple[Take, ...]:
    takes = []
    for lot in sorted(lots, key=lambda lot: (lot.seq != own, lot.expires_at or NEVER, lot.seq)):
        part = min(lot.left, amount)
        if part > 0:
            takes.append(Take(lot.seq, part))
            amount -= part
    return tuple(takes)
