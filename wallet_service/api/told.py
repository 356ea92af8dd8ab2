"""What machines are told: the form of every answer, which the code is held to and the document shows."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # whose parts pydantic knows on Python 3.11

from wallet_service.domain.progress import Kind

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]


Status = Literal["active", "blocked", "left"]


class Progress(TypedDict):
    value: int
    goal: int
    unit: str
    reward: str
    text: str


class Reward(TypedDict):
    id: str
    name: str
    cost: int
    available: bool
    missing: int


class Burning(TypedDict):
    """What burns next."""

    points: int
    at: Moment


class Links(TypedDict):
    page: Address
    apple: Address | None
    google: Address | None


class Card(TypedDict):
    serial: str
    number: str
    program: str
    status: Status
    balance: int
    progress: Progress
    tier: str | None
    rewards: list[Reward]
    spendable: int
    pending: int
    expiring: Burning | None
    links: Links


class Entry(TypedDict):
    id: str
    kind: Kind
    points: int
    balance_after: int
    occurred_at: Moment
    recorded_at: Moment
    receipt: str | None
    total: int | None
    reward: str | None
    store: str
    flags: list[str]
    explanation: str


class Booked(TypedDict):
    entry: Entry
    card: Card


class Step(TypedDict):
    rule: str
    points: int
    explanation: str


class Quote(TypedDict):
    points: int
    gift: int
    explanation: str
    would_earn: list[Step]
    would_not_earn: list[Step]
    discount: int | None
    can_pay: int | None


class Page(TypedDict):
    items: list[Entry]
    next: str | None


class Fault(TypedDict):
    """`sent` is cut after some characters, and left out where a member said it."""

    field: str
    detail: str
    sent: NotRequired[str]
    allowed: NotRequired[str]


class Problem(TypedDict):
    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[Fault]]
