"""A program with something of everything, and an ear for Russian and English numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wallet_service.domain.goals import Goal
from wallet_service.domain.program import (
    Expiry,
    ExpiryKind,
    Level,
    Paying,
    Program,
    Reward,
    RewardKind,
    Texts,
    Tiers,
    Unit,
)
from wallet_service.domain.rule import (
    Bands,
    Condition,
    Discount,
    Each,
    Flat,
    Grant,
    Limit,
    Multiply,
    PerAmount,
    Rule,
    Trigger,
)
from wallet_service.domain.rules import Step

COUNTS = (0, 1, 2, 5, 11, 21, 22, 25, 101, 111, 1250)
NBSP = "\u00a0"


def both(en: str, ru: str) -> Texts:
    return {"en": en, "ru": ru}


POINTS = Unit(
    "points",
    {
        "en": {"one": "point", "other": "points"},
        "ru": {"one": "балл", "few": "балла", "many": "баллов", "other": "балла"},
    },
)
STARS = Unit(  # a feminine noun betrays every hidden accusative
    "stamps",
    {
        "en": {"one": "star", "other": "stars"},
        "ru": {"one": "звезда", "few": "звезды", "many": "звёзд", "other": "звезды"},
    },
)
MONEY = Unit("money", {})

RULES = (
    Rule("visit", Trigger.VISIT, (Each("visit", 1),)),
    Rule("amount", Trigger.PURCHASE, (PerAmount(100_00, 5),)),
    Rule("bands", Trigger.PURCHASE, (Bands(((0, PerAmount(100_00, 1)), (1000_00, PerAmount(100_00, 2)))),)),
    Rule(
        "mondays",
        Trigger.PURCHASE,
        (Multiply((2, 1)),),
        every=(Condition("weekday", "in", (1,)), Condition("total", ">=", (300_00,))),
    ),
    Rule(
        "mornings",
        Trigger.PURCHASE,
        (Flat(5),),
        every=(
            Condition("weekday", "in", (1, 2, 3, 4, 5)),
            Condition("local_time", "between", ("08:00", "11:00")),
        ),
        limit=Limit(1, "day", 500),
    ),
    Rule(
        "beans",
        Trigger.PURCHASE,
        (Each("item", 3, "beans"),),
        every=(Condition("item", "has", ("beans",), quantity=2),),
    ),
    Rule(
        "gold",
        Trigger.PURCHASE,
        (Discount(percent=(5, 1)),),
        every=(Condition("tier", "in", ("silver", "gold")), Condition("store", "not in", ("arbat",))),
        alone=True,
        priority=1,
    ),
    Rule(
        "spring",
        Trigger.PURCHASE,
        (Flat(21), Discount(money=50_00)),
        some=(Condition("payment", "in", ("card", "phone")), Condition("channel", "in", ("online",))),
        alone=True,
        priority=2,
        first_day="2026-03-01",
        last_day="2026-05-31",
    ),
    Rule("review", Trigger.ACTION, (Grant(22),), every=(Condition("action", "in", ("review",)),)),
    Rule("hello", Trigger.JOIN, (Grant(1),)),
    Rule("secret", Trigger.PURCHASE, (Flat(1000),), dry_run=True),
)

TIERS = Tiers(
    counts="spend",
    levels=(
        Level("silver", both("Silver", "Серебро"), 10_000_00, discount=(3, 1)),
        Level(
            "gold",
            both("Gold", "Золото"),
            50_000_00,
            jump=20_000_00,
            multiplier=(3, 2),
            benefits=both("A table by the window", "Столик у окна"),
        ),
        Level("club", both("Club", "Клуб"), paid_item="club-month", paid_months=1, multiplier=(2, 1)),
    ),
    window="rolling",
    months=12,
    downgrade="one_step",
    grace_days=30,
)

COFFEE = Reward(
    "coffee",
    500,
    both("Free coffee", "Бесплатный кофе"),
    both("to a free coffee", "до бесплатного кофе"),
    both("Your free coffee is waiting.", "Бесплатный кофе ждёт вас."),
)
DISCOUNT = Reward(
    "discount",
    1250,
    both("A discount", "Скидка на чек"),
    both("to a discount", "до скидки"),
    both("Your discount is waiting.", "Скидка ждёт вас."),
    kind=RewardKind.MONEY_OFF,
    value=500_00,
    last_day="2026-12-31",
    stock=50,
    tier="gold",
)

EVERYTHING = Program(
    slug="everything",
    version=1,
    name=both("Everything", "Всё"),
    organization="Shop",
    languages=("en", "ru"),
    currency="RUB",
    time_zone="Europe/Moscow",
    template="plain",
    unit=POINTS,
    rules=RULES,
    welcome=100,
    rewards=(COFFEE, DISCOUNT),
    visit_minimum=200_00,
    excluded=("tobacco",),
    pending_days=14,
    expiry=Expiry(ExpiryKind.ROLLING, months=12, end_of="month", grace_days=30),
    tiers=TIERS,
    paying=Paying((1, 1), minimum=100, share=(1, 2)),
)


def make_program(**changed: Any) -> Program:
    return replace(EVERYTHING, **changed)


def make_goal(cost: int, *, measure: str = "balance", money: bool = False, **changed: Any) -> Goal:
    named = {"name": COFFEE.name, "until": COFFEE.until, "waiting": COFFEE.waiting} | changed
    return Goal(id="coffee", cost=cost, measure=measure, money=money, **named)


def step(key: str, points: int = 0, /, *, fired: bool = True, **facts: Any) -> Step:
    return Step(key, points, tuple(facts.items()), fired)


PARADIGMS: Mapping[str, tuple[str, str, str]] = {
    "балл": ("балл", "балла", "баллов"),
    "звезд": ("звезда", "звезды", "звёзд"),
    "звёзд": ("звезда", "звезды", "звёзд"),
    "визит": ("визит", "визита", "визитов"),
    "месяц": ("месяц", "месяца", "месяцев"),
    "день": ("день", "дня", "дней"),
    "дня": ("день", "дня", "дней"),
    "дней": ("день", "дня", "дней"),
    "раз": ("раз", "раза", "раз"),
}
ENGLISH = ("point", "star", "visit", "month", "day", "item", "time")


def assert_numbers_agree(text: str, language: str) -> None:
    """Every noun behind a number has the form that a schoolbook asks for."""
    for said, word in re.findall(rf"(\d[\d{NBSP},.]*){NBSP}(\w+)", text):
        expected = _russian(said, word) if language == "ru" else _english(said, word)
        assert expected in (None, word), f"{said} {word} in: {text}"


def _russian(said: str, word: str) -> str | None:
    forms = next((forms for stem, forms in PARADIGMS.items() if word.startswith(stem)), None)
    if forms is None:
        return None
    if "," in said:
        return forms[1]
    number = int(said.replace(NBSP, ""))
    if number % 100 in range(11, 15) or number % 10 in (0, 5, 6, 7, 8, 9):
        return forms[2]
    return forms[0] if number % 10 == 1 else forms[1]


def _english(said: str, word: str) -> str | None:
    stem = word.removesuffix("s")
    if stem not in ENGLISH:
        return None
    return stem if said == "1" else f"{stem}s"
