"""A card of the model: a list of lots and a debt, and every question asks all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from tests.properties.plans import Bought
from tests.properties.regulars import Regular

NEVER = datetime.max.replace(tzinfo=UTC)
Takes = list[tuple["Lot", int]]


class Refused(Exception):
    """Says the slug of the error that the service answers."""


def no(slug: str, when: object) -> None:
    if when:
        raise Refused(slug)


def later(*moments: datetime | None) -> datetime | None:
    return max(filter(None, moments), default=None)


@dataclass(eq=False)
class Lot:
    left: int
    since: datetime
    until: datetime | None = None
    gift: bool = False
    slides: bool = False
    burnt: int = 0


@dataclass(eq=False)
class Card:
    """`idle`: when the lots that slide burn. `closed`: "left" or "merged". `waived`: what refunds let go,
    by the number of the deed.
    """

    regular: Regular
    lots: list[Lot] = field(default_factory=list)
    debt: int = 0
    carried: Fraction = Fraction(0)
    idle: datetime | None = None
    closed: str = ""
    waived: list[tuple[int, int]] = field(default_factory=list)

    def end(self, lot: Lot) -> datetime:
        return (self.idle if lot.slides else lot.until) or NEVER

    def balance(self) -> int:
        return sum(lot.left for lot in self.lots) - self.debt

    def held(self, now: datetime) -> int:
        return sum(lot.left for lot in self._good(now)) - self.debt

    def spendable(self, now: datetime) -> int:
        return sum(lot.left for lot in self._free(now))

    def settle(self, now: datetime) -> Card:
        self.regular.settle(now)
        for lot in self.lots:
            if self.end(lot) <= now:
                lot.burnt, lot.left = lot.burnt + lot.left, 0
        return self

    def absorb(self, lot: Lot) -> None:
        """A debt is paid before anything else."""
        paid = min(self.debt, lot.left)
        self.debt, lot.left = self.debt - paid, lot.left - paid

    def spend(self, points: int, now: datetime) -> Takes:
        no("not-enough-points", self.spendable(now) < points)
        return self.take(points, self._free(now))

    def take(self, points: int, lots: Sequence[Lot] | None = None, own: Lot | None = None) -> Takes:
        """Its own first, then the soonest to expire."""
        takes = []
        lots = self.lots if lots is None else lots
        for lot in sorted(lots, key=lambda lot: (lot is not own, self.end(lot))):
            part = min(lot.left, points)
            lot.left, points = lot.left - part, points - part
            takes += [(lot, part)] if part else []
        return takes

    def give_back(self, takes: Takes, now: datetime, kept: int, *, graced: bool) -> int:
        """So much is `kept`, then a debt is paid. Answers how much had burnt meanwhile; what is `graced`
        lives on elsewhere.
        """
        late = 0
        for lot, points in sorted(takes, key=lambda take: self.lots.index(take[0])):
            held_back = min(kept, points)
            kept, points = kept - held_back, points - held_back
            paid = min(self.debt, points)
            self.debt, points = self.debt - paid, points - paid
            if now < self.end(lot) and not (lot.slides and lot.burnt):
                lot.left += points
            else:
                lot.burnt, late = lot.burnt + points * (not graced), late + points
        return late

    def _good(self, now: datetime) -> list[Lot]:
        return [lot for lot in self.lots if lot.since <= now < self.end(lot)]

    def _free(self, now: datetime) -> list[Lot]:
        return [lot for lot in self._good(now) if self.regular.receipts or not lot.gift]


@dataclass(eq=False)
class Deed:
    """One press of a button: each credit with its lot, and at most one debit. `done`: how it came back;
    `large`: a correction that needed a second person.
    """

    card: Card
    credits: Takes = field(default_factory=list)
    takes: Takes = field(default_factory=list)
    reward: str = ""
    bought: Bought | None = None
    final: bool = False
    done: str = ""
    at: datetime = NEVER
    large: bool = False
