"""What wallets have yet to hear: how much, for how long, and whether anybody is at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from wallet_service.db.tables import Outbox
from wallet_service.push.outbox import CAMPAIGN

NAMES = {0: "till", 1: "member", 2: "expiry", CAMPAIGN: "campaign"}
WALLETS = ("apple", "google")
LATE = timedelta(seconds=120)


@dataclass(frozen=True)
class Waiting:
    """Marks of one wallet and one priority; `oldest` is since when the first of them is to be told."""

    channel: str
    priority: int
    parked: bool
    marks: int
    oldest: datetime

    @property
    def live(self) -> bool:
        """Somebody stands at the till, or looks at their phone."""
        return self.priority < CAMPAIGN and not self.parked

    @property
    def named(self) -> str:
        return NAMES.get(self.priority, str(self.priority))

    def age(self, now: datetime) -> timedelta:
        return max(now - self.oldest, timedelta())


def backlog(session: Session) -> Sequence[Waiting]:
    """One look at all marks that are waiting: nearly none on a good day, millions during a campaign."""
    return _waiting(session, Outbox.told < Outbox.wanted)


def live(session: Session) -> Sequence[Waiting]:
    """Only those that somebody waits for: quickly found, however many marks a campaign has raised."""
    first = (Outbox.wallet.in_(WALLETS), Outbox.priority < CAMPAIGN, Outbox.parked.is_(False))
    return _waiting(session, Outbox.told < Outbox.wanted, *first)


def _waiting(session: Session, *those: ColumnElement[bool]) -> Sequence[Waiting]:
    since = func.min(func.coalesce(Outbox.raised_at, Outbox.due_at), type_=Outbox.due_at.type)
    rows = session.execute(
        select(Outbox.wallet, Outbox.priority, Outbox.parked, func.count(), since)
        .where(*those)
        .group_by(Outbox.wallet, Outbox.priority, Outbox.parked)
        .order_by(Outbox.wallet, Outbox.priority, Outbox.parked)
    )
    return [Waiting(*row) for row in rows]


def oldest_live(waiting: Sequence[Waiting], now: datetime) -> timedelta:
    """How long the one who waits longest has waited; nothing when nobody does."""
    return max((one.age(now) for one in waiting if one.live), default=timedelta())
