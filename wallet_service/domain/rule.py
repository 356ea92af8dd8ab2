"""One rule of a program, in its closed vocabulary: when it fires, what it gives, how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trigger(StrEnum):
    """What happened. The list is open: a birthday, a referral, a consent may come."""

    PURCHASE = "purchase"
    VISIT = "visit"
    ACTION = "action"
    JOIN = "join"


@dataclass(frozen=True)
class Condition:
    """`field` `op` `value`, such as total >= 30000.

    | field | ops | value |
    | --- | --- | --- |
    | total | >= > <= < between | minor units, or two of them |
    | item | has | item id or category; with `quantity`, at least so many |
    | weekday | in | ISO weekdays, 1 is Monday |
    | local_time | between | two "HH:MM", the second not included; may pass midnight |
    | tier, channel, payment, store, action | in, not in | names |
    """

    field: str
    op: str
    value: tuple[int, ...] | tuple[str, ...]
    quantity: int = 1


@dataclass(frozen=True)
class Flat:
    """So many points, whatever was bought."""

    points: int


@dataclass(frozen=True)
class PerAmount:
    """`give` points for every `per` minor units, in proportion."""

    per: int
    give: int


@dataclass(frozen=True)
class Bands:
    """The rate of the band that the total falls into; `bands` rise by `start` minor units, the first at 0."""

    bands: tuple[tuple[int, PerAmount], ...]


@dataclass(frozen=True)
class Each:
    """`give` points for each "visit", or each "item" of the `category` or item id (None: of any)."""

    what: str
    give: int
    category: str | None = None


@dataclass(frozen=True)
class Multiply:
    """All bases times `by`: (3, 2) is half as much again."""

    by: tuple[int, int]


@dataclass(frozen=True)
class Grant:
    """A gift beside what is earned: never multiplied, and it counts towards no tier."""

    points: int


@dataclass(frozen=True)
class Discount:
    """Suggested to the till: `percent` of the total, or `money` minor units."""

    percent: tuple[int, int] | None = None
    money: int | None = None


Effect = Flat | PerAmount | Bands | Each | Multiply | Grant | Discount


@dataclass(frozen=True)
class Limit:
    """At most `times` uses in a `window` ("day", "week", "month", "year", "ever", local time), and at most
    `points` at once. A limit reduces; it never refuses a purchase.
    """

    times: int | None = None
    window: str = "ever"
    points: int | None = None


@dataclass(frozen=True)
class Rule:
    """Fires when all of `every` and, if there are any, one of `some` hold.

    `alone`: the one of the highest `priority` among such rules wins and all others fall away.
    `first_day` and `last_day` are local dates, both included. `dry_run`: told, never given.
    """

    id: str
    trigger: Trigger
    then: tuple[Effect, ...]
    every: tuple[Condition, ...] = ()
    some: tuple[Condition, ...] = ()
    limit: Limit | None = None
    alone: bool = False
    priority: int = 0
    first_day: str | None = None
    last_day: str | None = None
    dry_run: bool = False
