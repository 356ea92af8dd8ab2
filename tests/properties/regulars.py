"""What purchases count for beside the points: status, tier, treats, and whether anything was ever paid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.properties.plans import TREATS_A_DAY, ZONE, Bought
from wallet_service.domain import tiers
from wallet_service.domain.local_days import local_day
from wallet_service.domain.program import Program


@dataclass(eq=False)
class Regular:
    """Every count is kept by month or by day, and added up when somebody asks."""

    program: Program
    receipts: int = 0
    points: Counter[str] = field(default_factory=Counter)
    treats: Counter[str] = field(default_factory=Counter)
    tier: tiers.Held = field(default_factory=tiers.Held)
    happened: dict[object, tiers.Happening] = field(default_factory=dict)

    def status(self, at: datetime) -> int:
        if self.program.tiers is None:
            return 0
        first, last = tiers.window_months(self.program.tiers, at, ZONE)
        return sum(points for month, points in self.points.items() if first <= month <= last)

    def settle(self, now: datetime) -> None:
        self.tier = tiers.settled(self.program, self.tier, self.status, now)

    def level(self, now: datetime) -> str | None:
        held = tiers.settled(self.program, self.tier, self.status, now)
        level = tiers.in_force(self.program, held, now)
        return level.id if level else None

    def may_have(self, tier: str | None, now: datetime) -> bool:
        levels = self.program.tiers
        return not tier or levels is None or levels.rank(self.level(now)) >= levels.rank(tier)

    def treat_is_left(self, at: datetime) -> bool:
        return self.treats[_day(at)] < TREATS_A_DAY

    def count(self, bought: Bought, status: int) -> None:
        self._add(bought, status, 1)
        self.happened[bought] = tiers.Happening(bought.at, status, bought.total)
        self.tier = tiers.after_purchase(
            self.program, self.tier, self.status(bought.at), bought.total, bought.at
        )

    def forget(self, bought: Bought, status: int, now: datetime) -> None:
        """All of it came back: the tier is what the others make, if it was any different with it."""
        before = list(self.happened.values())
        del self.happened[bought]
        after = list(self.happened.values())
        self._add(bought, status, -1)
        self.tier = tiers.without_purchase(self.program, self.tier, before, after, now)

    def lose(self, bought: Bought, status: int, now: datetime) -> None:
        """A part of it came back."""
        self.points[_day(bought.at)[:7]] -= status
        before, one = list(self.happened.values()), self.happened.pop(bought)
        total = None if one.total is None else (bought.total or 0) - bought.back
        rest = replace(one, status=one.status - status, total=total)
        after = [*self.happened.values(), rest]
        self.happened[bought] = rest
        self.tier = tiers.without_purchase(self.program, self.tier, before, after, now)

    def take_over(self, other: Regular, now: datetime) -> None:
        self.receipts += other.receipts
        if status := sum(other.points.values()):
            self.happened[object()] = tiers.Happening(now, status)
        self.points.update(other.points)
        self.treats.update(other.treats)
        tier = tiers.higher(self.program, self.tier, other.tier)
        self.tier = tiers.after_purchase(self.program, tier, self.status(now), None, now)

    def _add(self, bought: Bought, status: int, sign: int) -> None:
        self.points[_day(bought.at)[:7]] += sign * status
        self.treats[_day(bought.at)] += sign * bought.treat
        self.receipts += sign * bought.paid


def _day(at: datetime) -> str:
    return local_day(at, ZONE).isoformat()
