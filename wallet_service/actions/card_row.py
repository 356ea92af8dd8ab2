"""The row of a card as values: what an action reads of it, changes and writes back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from wallet_service.db.tables import Card
from wallet_service.db.tables.base import table


@dataclass
class State:
    """The row of the card as this transaction sees it; every field is a column of `card`."""

    id: int
    serial: str
    number: str
    program_id: int
    member_id: int
    status: str
    version: int
    balance: int
    status_points: int
    endowed: int
    gained: int
    last_kind: str | None
    seq: int
    head: str
    pending: int
    look_at: datetime | None
    idle_until: datetime | None
    receipts: int
    carried: str
    goal: str | None
    tier: str | None
    tier_until: datetime | None
    paid_tier: str | None
    paid_until: datetime | None
    earned_at: datetime | None
    earned_day: str | None
    earned_today: int
    merged_into_id: int | None
    blocked_at: datetime | None
    created_at: datetime
    changed_at: datetime


COLUMNS = tuple(column.name for column in fields(State))
LASTING = {"id", "serial", "number", "program_id", "member_id", "status", "merged_into_id", "blocked_at"}
CHANGING = tuple(name for name in COLUMNS if name not in LASTING | {"created_at"})
card_table = table(Card)
