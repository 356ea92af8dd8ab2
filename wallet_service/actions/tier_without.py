"""The tier of a card once a receipt came back, as if it had never been."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import entries
from wallet_service.actions.account import Account
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain import tiers
from wallet_service.domain.progress import Kind
from wallet_service.domain.tiers import Happening, Held

MOVING = (Kind.EARN, Kind.REFUND, Kind.REVERSE, Kind.ADJUST)


def tier_without(
    session: Session, account: Account, entry_id: int, now: datetime, rest: Happening | None = None
) -> Held:
    """Reads all purchases of the card: seldom, and only where there are tiers. `rest` is what is left of the
    receipt, if not all of it came back.
    """
    seen = _seen(session, account)
    before = list(_happened(seen.values()))
    after = list(_happened(one for one in seen.values() if one.row.id != entry_id)) + ([rest] if rest else [])
    return tiers.without_purchase(account.program, account.held_tier, before, after, now)


@dataclass
class _Seen:
    """`status` and `back` after what came back of it."""

    row: LedgerEntry
    status: int
    back: int = 0
    undone: bool = False

    @property
    def gone(self) -> bool:
        return self.undone or (self.row.total is not None and self.back >= self.row.total > 0)


def _seen(session: Session, account: Account) -> dict[int, _Seen]:
    seen: dict[int, _Seen] = {}
    rows = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.card_id == account.card.id, LedgerEntry.kind.in_(MOVING))
        .order_by(LedgerEntry.seq)
    )
    for row in rows:
        target = seen.get(row.reverses_id or 0)
        if target is not None:
            target.status += row.status_points
            target.back -= row.total or 0
            target.undone = target.undone or row.kind == Kind.REVERSE or row.total is None
        elif row.kind == Kind.EARN or (row.kind == Kind.ADJUST and row.status_points):
            seen[row.id] = _Seen(row, row.status_points)
    return seen


def _happened(seen: Iterable[_Seen]) -> Iterator[Happening]:
    for one in seen:
        if not one.gone:
            yield Happening(one.row.occurred_at, one.status, one.row.total, _paid(one.row))


def _paid(row: LedgerEntry) -> tuple[str, int] | None:
    for step in entries.steps(row.trace):
        if step.rule == "paid_tier":
            facts = dict(step.facts)
            return str(facts["tier"]), int(facts["months"] or 0)
    return None
