"""A merchant's loyalty program as a value: what it counts, gives, forgets and calls things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wallet_service.domain.rule import Rule

Texts = Mapping[str, str]
"""One sentence per language, e.g. {"en": "Free coffee", "ru": "Бесплатный кофе"}."""

Ratio = tuple[int, int]
"""An exact fraction: (3, 2) is one and a half. The second figure is above 0."""


@dataclass(frozen=True)
class Unit:
    """What is counted: "stamps", "points", or "money" (minor units of the program's currency).

    `forms[language][plural category]`: {"ru": {"one": "штамп", "few": "штампа", ...}}; money needs none.
    """

    counted: str
    forms: Mapping[str, Mapping[str, str]]

    @property
    def cells(self) -> bool:
        """Stamps have one cell each on the bar; everything else makes a plain line."""
        return self.counted == "stamps"

    @property
    def money(self) -> bool:
        return self.counted == "money"


class RewardKind(StrEnum):
    ITEM = "item"
    MONEY_OFF = "money_off"
    PERCENT_OFF = "percent_off"
    EXPERIENCE = "experience"
    DONATION = "donation"


@dataclass(frozen=True)
class Reward:
    """`name` stands alone ("Free coffee"); `until` completes "5 stamps ..." ("to a free coffee");
    `waiting` is the whole sentence that is shown when it can be had.

    `value` is minor units for MONEY_OFF and DONATION, percent for PERCENT_OFF. `first_day` and `last_day`
    are local dates ("2026-05-31"), both included. `stock` counts how many can ever be given;
    `merchant_cost` is what one costs the merchant, in minor units; `tier` is the lowest that may have it.
    """

    id: str
    cost: int
    name: Texts
    until: Texts
    waiting: Texts
    kind: RewardKind = RewardKind.ITEM
    value: int | None = None
    first_day: str | None = None
    last_day: str | None = None
    stock: int | None = None
    merchant_cost: int | None = None
    tier: str | None = None


class ExpiryKind(StrEnum):
    NEVER = "never"
    ROLLING = "rolling"
    CALENDAR = "calendar"
    INACTIVITY = "inactivity"


@dataclass(frozen=True)
class Expiry:
    """When points burn, always at the end of a local day.

    ROLLING: `months` after they were earned, put off to the end of that "day", "month", "quarter" or "year"
    (`end_of`). CALENDAR: on the first of the `days` ("12-31") that lies at least `months` ahead.
    INACTIVITY: all of them `months` after the last purchase or redemption. `grace_days`: how long points
    live that a cancelled redemption gives back after their day; 0 gives them back burnt.
    """

    kind: ExpiryKind = ExpiryKind.NEVER
    months: int = 0
    end_of: str = "day"
    days: tuple[str, ...] = ()
    grace_days: int = 0


class Refunds(StrEnum):
    """What a refund does when the points are spent already."""

    ALLOW_NEGATIVE = "allow_negative"
    CLAMP = "clamp"
    REFUSE = "refuse"


class Rounding(StrEnum):
    """CARRY rounds down and keeps the fraction of a point for the next visit; the others forget it."""

    CARRY = "carry"
    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


@dataclass(frozen=True)
class Level:
    """One tier. Reached with `threshold` status points in the window, or at once by one receipt of `jump`
    minor units. A paid tier has neither: the item `paid_item` on a receipt buys `paid_months` of it.

    `multiplier` is for all points of a purchase; `discount` is suggested at the till, in percent.
    """

    id: str
    name: Texts
    threshold: int | None = None
    jump: int | None = None
    paid_item: str | None = None
    paid_months: int = 0
    multiplier: Ratio = (1, 1)
    discount: Ratio = (0, 1)
    benefits: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Tiers:
    """`counts` is what status is made of: "points", "spend" (minor units) or "visits".

    `window`: "lifetime", "calendar" (local years) or "rolling" (the last `months`, whole local months).
    A tier that is reached is kept until its window ends; whoever has not earned it again by then, and in the
    `grace_days` after it, goes down by `downgrade`: "none", "one_step" or "full". `levels` rise.
    """

    counts: str
    levels: tuple[Level, ...]
    window: str = "lifetime"
    months: int = 12
    downgrade: str = "full"
    grace_days: int = 0

    def level(self, level_id: str | None) -> Level | None:
        return next((level for level in self.levels if level.id == level_id), None)

    def rank(self, level_id: str | None) -> int:
        """-1 for no tier; a higher tier has a higher rank."""
        return next((rank for rank, level in enumerate(self.levels) if level.id == level_id), -1)


@dataclass(frozen=True)
class Paying:
    """Points as money at the till: `worth` minor units for a point, from `minimum` points on, for at most
    `share` of what the receipt has left without the program's excluded categories.
    """

    worth: Ratio = (1, 1)
    minimum: int = 1
    share: Ratio = (1, 1)


@dataclass(frozen=True)
class Guards:
    """What looks odd at a till (loyalty 7.3), beside the repeats: more than `redemptions_a_day` of a card,
    the same card at one till more than `one_till_a_day` or `one_till_a_week` times, a receipt older than
    `receipt_minutes`, a booking outside the `hours` (local, "08:00" to "22:00"; None: no such hours).
    `refuse` names the flags that refuse; all others ask at the till and are shown to the manager.
    """

    redemptions_a_day: int = 3
    one_till_a_day: int = 3
    one_till_a_week: int = 8
    receipt_minutes: int = 10
    hours: tuple[str, str] | None = None
    refuse: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """`languages[0]` is the default. `welcome` points start every round as a gift (drawn as endowed
    progress), so that the road of earned points never gets longer in the second round; the first gift can
    be spent once a purchase was paid. `rotating_code`: where a wallet can, the code on the card turns.

    A purchase that says no visits is one visit from `visit_minimum` minor units up. Items of the `excluded`
    categories neither earn by amount nor are paid with points. Points can be spent `pending_days` after the
    purchase. Corrections of a card by more than `adjustment_limit` points a day need a second person. The
    same card within `repeat_minutes`, or more than `purchases_a_day` times, is flagged.

    What `guards` name is refused rather than asked about. Redemptions of more than `step_up_above` points
    a day need a second proof (None: never). `scan_books`: a scan at the till is a visit at once (None: where
    stamps are counted). `offline_a_day`: so often a day a card may earn at tills that have no network.
    """

    slug: str
    version: int
    name: Texts
    organization: str
    languages: tuple[str, ...]
    currency: str
    time_zone: str
    template: str
    unit: Unit
    rules: tuple[Rule, ...]
    welcome: int
    rewards: tuple[Reward, ...]
    rotating_code: bool = False
    visit_minimum: int = 0
    excluded: tuple[str, ...] = ()
    rounding: Rounding = Rounding.CARRY
    pending_days: int = 0
    expiry: Expiry = Expiry()
    refunds: Refunds = Refunds.ALLOW_NEGATIVE
    tiers: Tiers | None = None
    paying: Paying | None = None
    adjustment_limit: int | None = None
    repeat_minutes: int = 10
    purchases_a_day: int = 6
    guards: Guards = Guards()
    step_up_above: int | None = None
    scan_books: bool | None = None
    offline_a_day: int = 3

    def reward(self, reward_id: str | None) -> Reward | None:
        return next((reward for reward in self.rewards if reward.id == reward_id), None)
