"""Programs to play with: every term that decides over a point, mixed by Hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import strategies as st

from wallet_service.domain.local_days import add_months, end_of_day, end_of_months, local_day

ZONE = "Europe/Moscow"
FORMS = {"one": "point", "other": "points"}
TREATS_A_DAY = 2
CHEAP, DEAR, SEASONAL = "tea", "dinner", "spring"
SEASON = ("2026-11-01", "2026-12-31")


def texts(word: str) -> dict[str, str]:
    return {"en": word}


@dataclass(eq=False)
class Bought:
    """A purchase with all that decided over it; `back` and `taken` of it so far, money and points."""

    at: datetime
    total: int | None
    visits: int | None
    tier: str | None
    carried: Fraction
    treat: bool
    back: int = 0
    taken: int = 0
    gift_taken: int = 0

    @property
    def paid(self) -> bool:
        return bool(self.visits) if self.total is None else self.total > 0


@dataclass(frozen=True)
class Plan:
    """`give` points for `per` minor units, `visit` for each visit, `treat` at the first purchases of a day,
    and a `present` beside them from `present_from` minor units on.
    """

    give: int = 1
    per: int = 100
    visit: int = 0
    treat: int = 0
    present: int = 0
    present_from: int = 4_000
    visit_minimum: int = 0
    welcome: int = 0
    rounding: str = "carry"
    pending_days: int = 0
    refunds: str = "allow_negative"
    expiry: Mapping[str, Any] = field(default_factory=lambda: {"kind": "never"})
    tiers: Mapping[str, Any] | None = None
    stock: int | None = None
    paying: Mapping[str, Any] | None = None
    adjustment_limit: int | None = None

    def body(self) -> dict[str, Any]:
        said = {
            "name": texts("Any Shop"),
            "organization": "Any Shop",
            "languages": ["en"],
            "currency": "RUB",
            "time_zone": ZONE,
            "template": "coffee",
            "unit": {"counted": "points", "forms": {"en": FORMS}},
            "visit_minimum": self.visit_minimum,
            "rules": list(self._rules()),
            "welcome": self.welcome,
            "rewards": list(self._rewards()),
            "rounding": self.rounding,
            "pending_days": self.pending_days,
            "refunds": self.refunds,
            "expiry": dict(self.expiry),
        }
        unsaid = {"tiers": self.tiers, "paying": self.paying, "adjustment_limit": self.adjustment_limit}
        return said | {name: value for name, value in unsaid.items() if value is not None}

    def worth(self, bought: Bought, back: int) -> tuple[int, Fraction, int]:
        """Points, the fraction that stays, and status, of what is left of a purchase."""
        total, visits = bought.total or 0, bought.visits
        left = total - back
        if back and not left:
            return 0, bought.carried, 0
        if visits is None:
            visits = int(left >= self.visit_minimum)
        elif back:
            visits = max(visits * left // total, int(left >= self.visit_minimum))
        exact = Fraction(left * self.give, self.per) + visits * self.visit + bought.treat * self.treat
        exact = exact * self._multiplier(bought.tier) + bought.carried
        points = self._rounded(exact)
        fraction = exact - points if self.rounding == "carry" else Fraction(0)
        counts = self.tiers["counts"] if self.tiers else "points"
        return points, fraction, {"points": points, "spend": left, "visits": visits}[counts]

    def until(self, at: datetime) -> datetime | None:
        """The end of points of that moment, if they burn by their age."""
        kind, day = self.expiry["kind"], add_months(local_day(at, ZONE), self.expiry.get("months", 0))
        if kind == "calendar":
            years = (f"{year}-{end}" for year in (day.year, day.year + 1) for end in self.expiry["days"])
            return end_of_day(min(end for end in map(date.fromisoformat, years) if end >= day), ZONE)
        if kind == "rolling":
            return end_of_day(end_of_months(day, 1) if "end_of" in self.expiry else day, ZONE)
        return None

    def idle(self, at: datetime) -> datetime | None:
        """The end of all points of a card that was used at that moment."""
        day = add_months(local_day(at, ZONE), self.expiry.get("months", 0))
        return end_of_day(day, ZONE) if self.expiry["kind"] == "inactivity" else None

    def grace(self, now: datetime) -> datetime | None:
        """The end of what comes back now, after its day."""
        days = timedelta(days=self.expiry.get("grace_days", 0))
        return end_of_day(local_day(now, ZONE) + days, ZONE) if days else None

    def _multiplier(self, tier: str | None) -> Fraction:
        levels = self.tiers["levels"] if self.tiers else ()
        return next((Fraction(*one["multiplier"]) for one in levels if one["id"] == tier), Fraction(1))

    def _rounded(self, exact: Fraction) -> int:
        half = floor(exact + Fraction(1, 2))
        return {"half_up": half, "ceil": ceil(exact)}.get(self.rounding, max(floor(exact), 0))

    def _rules(self) -> Iterable[dict[str, Any]]:
        yield rule("rate", "purchase", {"points": {"per": self.per, "give": self.give}})
        if self.visit:
            yield rule("visit", "visit", {"points": {"each": "visit", "give": self.visit}})
        if self.treat:
            limit = {"per_member": {"count": TREATS_A_DAY, "window": "day"}}
            yield rule("treat", "purchase", {"points": self.treat}) | {"limit": limit}
        if self.present:
            large = {"all": [{"field": "total", "op": ">=", "value": self.present_from}]}
            yield rule("present", "purchase", {"grant": self.present}) | {"when": large}

    def _rewards(self) -> Iterable[dict[str, Any]]:
        yield reward(CHEAP, 5) | ({} if self.stock is None else {"stock": self.stock})
        yield reward(DEAR, 40) | ({"tier": self.tiers["levels"][0]["id"]} if self.tiers else {})
        yield reward(SEASONAL, 8) | {"valid": list(SEASON)}


def rule(name: str, trigger: str, *effects: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": name, "trigger": trigger, "then": list(effects)}


def reward(name: str, cost: int) -> dict[str, Any]:
    return {
        "id": name,
        "cost": cost,
        "name": texts(name),
        "until": texts(f"to {name}"),
        "waiting": texts(name),
    }


def level(name: str, threshold: int, multiplier: tuple[int, int], jump: int | None = None) -> dict[str, Any]:
    said = {"id": name, "name": texts(name), "threshold": threshold, "multiplier": list(multiplier)}
    return said | ({} if jump is None else {"jump": jump})


EXPIRIES: tuple[Mapping[str, Any], ...] = (
    {"kind": "never"},
    {"kind": "rolling", "months": 1},
    {"kind": "rolling", "months": 2, "end_of": "month", "grace_days": 5},
    {"kind": "calendar", "days": ["06-30", "12-31"]},
    {"kind": "calendar", "days": ["12-31"], "months": 3, "grace_days": 10},
    {"kind": "inactivity", "months": 1},
    {"kind": "inactivity", "months": 3, "grace_days": 7},
)
TIERS: tuple[Mapping[str, Any] | None, ...] = (
    None,
    {"counts": "points", "levels": [level("silver", 30, (3, 2)), level("gold", 90, (2, 1))]},
    {
        "counts": "spend",
        "window": "calendar",
        "downgrade": "full",
        "levels": [level("silver", 5_000, (4, 3), jump=4_500), level("gold", 12_000, (5, 3))],
    },
    {
        "counts": "visits",
        "window": "rolling",
        "months": 2,
        "downgrade": "one_step",
        "grace_days": 20,
        "levels": [level("silver", 2, (1, 1)), level("gold", 4, (3, 2))],
    },
)
PAYING: tuple[Mapping[str, Any] | None, ...] = (None, {"worth": [7, 3], "minimum": 2, "share": [1, 2]})

plans = st.builds(
    Plan,
    give=st.sampled_from([1, 2, 7]),
    per=st.sampled_from([100, 300, 70]),
    visit=st.sampled_from([0, 0, 2]),
    treat=st.sampled_from([0, 0, 3]),
    present=st.sampled_from([0, 0, 6]),
    visit_minimum=st.sampled_from([0, 500]),
    welcome=st.sampled_from([0, 4]),
    rounding=st.sampled_from(["carry", "carry", "floor", "half_up", "ceil"]),
    pending_days=st.sampled_from([0, 0, 2, 14]),
    refunds=st.sampled_from(["allow_negative", "clamp", "refuse"]),
    expiry=st.sampled_from(EXPIRIES),
    tiers=st.sampled_from(TIERS),
    stock=st.sampled_from([None, 1, 3]),
    paying=st.sampled_from(PAYING),
    adjustment_limit=st.sampled_from([None, 20]),
)
