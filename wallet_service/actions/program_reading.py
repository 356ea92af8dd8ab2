"""The JSON of a program: its shape as pydantic models, and its way into the core's value."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from wallet_service.domain.program import (
    Expiry,
    ExpiryKind,
    Guards,
    Level,
    Paying,
    Program,
    Ratio,
    Refunds,
    Reward,
    RewardKind,
    Rounding,
    Tiers,
    Unit,
)
from wallet_service.domain.rule import (
    Bands,
    Condition,
    Discount,
    Each,
    Effect,
    Flat,
    Grant,
    Limit,
    Multiply,
    PerAmount,
    Rule,
    Trigger,
)

SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
Slug = Annotated[str, Field(pattern=SLUG)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Texts = dict[str, Annotated[str, Field(min_length=1, max_length=300)]]
Benefits = dict[str, Annotated[str, Field(min_length=1, max_length=1000)]]
Points = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]
Money = Annotated[int, Field(ge=0, le=1_000_000_000_000, strict=True)]
Days = Annotated[int, Field(ge=0, le=366, strict=True)]
Months = Annotated[int, Field(ge=0, le=120, strict=True)]
Yes = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(ge=1, le=1000, strict=True)]
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
Clock = Annotated[str, Field(pattern=CLOCK)]
Flag = Literal["repeat", "often", "redeems-often", "old-receipt", "after-hours"]
Fraction = tuple[Points, Positive]
"""[3, 2] is one and a half."""
Between = tuple[str | None, str | None]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitBody(Body):
    counted: Literal["stamps", "points", "money"]
    forms: dict[str, dict[str, str]] = Field(default_factory=dict)


class EarningBody(Body):
    """How a program earned before it had rules; still read."""

    per_visit: Points = 0
    visit_minimum: Points = 0
    per_amount: Points = 0
    give: Points = 0


class ConditionBody(Body):
    field: Literal["total", "item", "weekday", "local_time", "tier", "channel", "payment", "store", "action"]
    op: Literal[">=", ">", "<=", "<", "between", "has", "in", "not in"]
    value: Any
    quantity: Positive = 1

    @property
    def values(self) -> tuple[Any, ...]:
        return tuple(self.value) if isinstance(self.value, list | tuple) else (self.value,)


class WhenBody(Body):
    all: tuple[ConditionBody, ...] = ()
    any: tuple[ConditionBody, ...] = ()


class PerBody(Body):
    per: Positive
    give: Positive


class BandBody(Body):
    start: Annotated[Money, Field(alias="from")]
    per: Positive
    give: Points


class BandsBody(Body):
    bands: Annotated[tuple[BandBody, ...], Field(min_length=1)]


class EachBody(Body):
    each: Literal["visit", "item"]
    give: Positive
    category: Name | None = None


def _kind_of_points(value: Any) -> str:
    if isinstance(value, BandsBody) or (isinstance(value, dict) and "bands" in value):
        return "(bands)"
    if isinstance(value, EachBody) or (isinstance(value, dict) and "each" in value):
        return "(each)"
    return "(per)" if isinstance(value, PerBody | dict) else "(number)"


PointsBody = Annotated[
    Annotated[Positive, Tag("(number)")]
    | Annotated[PerBody, Tag("(per)")]
    | Annotated[BandsBody, Tag("(bands)")]
    | Annotated[EachBody, Tag("(each)")],
    Discriminator(_kind_of_points),
]
"""The tags stand in brackets so that they can be left out of the place of a fault."""


class DiscountBody(Body):
    percent: Fraction | None = None
    money: Positive | None = None


class EffectBody(Body):
    points: PointsBody | None = None
    multiply: Fraction | None = None
    grant: Positive | None = None
    discount: DiscountBody | None = None


class PerMemberBody(Body):
    count: Positive
    window: Literal["day", "week", "month", "year", "ever"] = "ever"


class LimitBody(Body):
    per_member: PerMemberBody | None = None
    cap_points: Positive | None = None


class RuleBody(Body):
    id: Slug
    trigger: Trigger
    when: WhenBody = WhenBody()
    then: Annotated[tuple[EffectBody, ...], Field(min_length=1)]
    limit: LimitBody | None = None
    stack: Literal["with_all", "alone"] = "with_all"
    priority: Annotated[int, Field(ge=-1000, le=1000, strict=True)] = 0
    valid: Between = (None, None)
    dry_run: Yes = False


class RewardBody(Body):
    id: Slug
    cost: Positive
    name: Texts
    until: Texts
    waiting: Texts
    kind: RewardKind = RewardKind.ITEM
    value: Positive | None = None
    valid: Between = (None, None)
    stock: Points | None = None
    merchant_cost: Money | None = None
    tier: Slug | None = None


class ExpiryBody(Body):
    kind: ExpiryKind = ExpiryKind.NEVER
    months: Months = 0
    end_of: Literal["day", "month", "quarter", "year"] = "day"
    days: tuple[str, ...] = ()
    grace_days: Days = 0


class PaidBody(Body):
    item: Name
    months: Annotated[int, Field(ge=1, le=120, strict=True)]


class LevelBody(Body):
    id: Slug
    name: Texts
    threshold: Annotated[Money, Field(ge=1)] | None = None
    jump: Annotated[Money, Field(ge=1)] | None = None
    paid: PaidBody | None = None
    multiplier: Fraction = (1, 1)
    discount: Fraction = (0, 1)
    benefits: Benefits = Field(default_factory=dict)


class TiersBody(Body):
    counts: Literal["points", "spend", "visits"]
    levels: Annotated[tuple[LevelBody, ...], Field(min_length=1)]
    window: Literal["lifetime", "calendar", "rolling"] = "lifetime"
    months: Annotated[int, Field(ge=1, le=120, strict=True)] = 12
    downgrade: Literal["none", "one_step", "full"] = "full"
    grace_days: Days = 0


class PayingBody(Body):
    worth: Fraction = (1, 1)
    minimum: Positive = 1
    share: Fraction = (1, 1)


class GuardsBody(Body):
    redemptions_a_day: Count = 3
    one_till_a_day: Count = 3
    one_till_a_week: Count = 8
    receipt_minutes: Annotated[int, Field(ge=1, le=4320, strict=True)] = 10
    hours: tuple[Clock, Clock] | None = None
    refuse: tuple[Flag, ...] = ()


class ProgramBody(Body):
    name: Texts
    organization: Name
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    time_zone: Name
    template: Slug
    unit: UnitBody
    rules: tuple[RuleBody, ...] = ()
    earning: EarningBody | None = None
    welcome: Points = 0
    rewards: tuple[RewardBody, ...] = ()
    rotating_code: Yes = False
    visit_minimum: Money = 0
    excluded: tuple[Name, ...] = ()
    rounding: Rounding = Rounding.CARRY
    pending_days: Days = 0
    expiry: ExpiryBody = ExpiryBody()
    refunds: Refunds = Refunds.ALLOW_NEGATIVE
    tiers: TiersBody | None = None
    paying: PayingBody | None = None
    adjustment_limit: Points | None = None
    repeat_minutes: Annotated[int, Field(ge=0, le=1440, strict=True)] = 10
    purchases_a_day: Count = 6
    guards: GuardsBody = GuardsBody()
    step_up_above: Points | None = None
    scan_books: Yes | None = None
    offline_a_day: Annotated[int, Field(ge=0, le=1000, strict=True)] = 3


def as_program(slug: str, version: int, body: ProgramBody) -> Program:
    return Program(
        slug=slug,
        version=version,
        name=body.name,
        organization=body.organization,
        languages=body.languages,
        currency=body.currency,
        time_zone=body.time_zone,
        template=body.template,
        unit=Unit(body.unit.counted, body.unit.forms),
        rules=as_rules(body),
        welcome=body.welcome,
        rewards=tuple(_reward(reward) for reward in body.rewards),
        rotating_code=body.rotating_code,
        visit_minimum=body.earning.visit_minimum if body.earning else body.visit_minimum,
        excluded=body.excluded,
        rounding=_rounding(body),
        pending_days=body.pending_days,
        expiry=Expiry(**body.expiry.model_dump()),
        refunds=body.refunds,
        tiers=_tiers(body.tiers) if body.tiers else None,
        paying=Paying(**body.paying.model_dump()) if body.paying else None,
        adjustment_limit=body.adjustment_limit,
        repeat_minutes=body.repeat_minutes,
        purchases_a_day=body.purchases_a_day,
        guards=Guards(**body.guards.model_dump()),
        step_up_above=body.step_up_above,
        scan_books=body.scan_books,
        offline_a_day=body.offline_a_day,
    )


def as_rules(body: ProgramBody) -> tuple[Rule, ...]:
    if body.earning:
        return _rules_of_before(body.earning)
    return tuple(_rule(rule) for rule in body.rules)


def _rules_of_before(earning: EarningBody) -> tuple[Rule, ...]:
    rules = []
    if earning.per_visit:
        rules.append(Rule("visit", Trigger.VISIT, (Each("visit", earning.per_visit),)))
    if earning.give:
        rules.append(Rule("amount", Trigger.PURCHASE, (PerAmount(earning.per_amount, earning.give),)))
    return tuple(rules)


def _rounding(body: ProgramBody) -> Rounding:
    """A program from before there were rules forgot the fraction, and stays as it was published."""
    return Rounding.FLOOR if body.earning and "rounding" not in body.model_fields_set else body.rounding


def _rule(rule: RuleBody) -> Rule:
    first_day, last_day = rule.valid
    return Rule(
        id=rule.id,
        trigger=rule.trigger,
        then=tuple(effect for body in rule.then for effect in _effects(body)),
        every=tuple(_condition(condition) for condition in rule.when.all),
        some=tuple(_condition(condition) for condition in rule.when.any),
        limit=_limit(rule.limit) if rule.limit else None,
        alone=rule.stack == "alone",
        priority=rule.priority,
        first_day=first_day,
        last_day=last_day,
        dry_run=rule.dry_run,
    )


def _condition(condition: ConditionBody) -> Condition:
    return Condition(condition.field, condition.op, condition.values, condition.quantity)


def _effects(effect: EffectBody) -> list[Effect]:
    said: list[Effect] = []
    if effect.points is not None:
        said.append(_points(effect.points))
    if effect.multiply is not None:
        said.append(Multiply(effect.multiply))
    if effect.grant is not None:
        said.append(Grant(effect.grant))
    if effect.discount is not None:
        said.append(Discount(effect.discount.percent, effect.discount.money))
    return said


def _points(points: int | PerBody | BandsBody | EachBody) -> Effect:
    match points:
        case PerBody():
            return PerAmount(points.per, points.give)
        case BandsBody():
            return Bands(tuple((band.start, PerAmount(band.per, band.give)) for band in points.bands))
        case EachBody():
            return Each(points.each, points.give, points.category)
        case _:
            return Flat(points)


def _limit(limit: LimitBody) -> Limit:
    if limit.per_member is None:
        return Limit(points=limit.cap_points)
    return Limit(limit.per_member.count, limit.per_member.window, limit.cap_points)


def _reward(reward: RewardBody) -> Reward:
    first_day, last_day = reward.valid
    said = {name: getattr(reward, name) for name in type(reward).model_fields if name != "valid"}
    return Reward(first_day=first_day, last_day=last_day, **said)


def _tiers(tiers: TiersBody) -> Tiers:
    levels = tuple(_level(level) for level in tiers.levels)
    return Tiers(tiers.counts, levels, tiers.window, tiers.months, tiers.downgrade, tiers.grace_days)


def _level(level: LevelBody) -> Level:
    return Level(
        id=level.id,
        name=level.name,
        threshold=level.threshold,
        jump=level.jump,
        paid_item=level.paid.item if level.paid else None,
        paid_months=level.paid.months if level.paid else 0,
        multiplier=_ratio(level.multiplier),
        discount=_ratio(level.discount),
        benefits=level.benefits,
    )


def _ratio(fraction: Ratio) -> Ratio:
    return fraction[0], fraction[1]
