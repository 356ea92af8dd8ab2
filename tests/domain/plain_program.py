"""A program as a value with nothing in it but what a story needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wallet_service.domain.program import Level, Program, Reward, Unit

BARE = Program(
    slug="shop",
    version=1,
    name={"en": "Shop", "ru": "Лавка"},
    organization="Shop",
    languages=("en", "ru"),
    currency="RUB",
    time_zone="Europe/Moscow",
    template="plain",
    unit=Unit("points", {}),
    rules=(),
    welcome=0,
    rewards=(),
)


def make_program(**fields: Any) -> Program:
    return replace(BARE, **fields)


def make_reward(name: str, cost: int, **fields: Any) -> Reward:
    texts = {"en": name, "ru": name}
    return Reward(id=name, cost=cost, name=texts, until=texts, waiting=texts, **fields)


def make_level(name: str, threshold: int | None = None, **fields: Any) -> Level:
    return Level(id=name.lower(), name={"en": name, "ru": name}, threshold=threshold, **fields)
