"""What looks odd at a till is refused where the program says so, asked about first, or flagged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from wallet_service.actions.account import Account
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain.errors import AskFirst, Fact, GuardRefused
from wallet_service.domain.local_days import end_of_day, local_day
from wallet_service.domain.opening import is_open, opens_next
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import Purchase

REPEAT, OFTEN, REDEEMS_OFTEN = "repeat", "often", "redeems-often"
OLD_RECEIPT, AFTER_HOURS = "old-receipt", "after-hours"
"""The same card again within minutes, more purchases or redemptions in a day than usual, a receipt that lay
about, a booking while the shop is closed.
"""

SAME_AGAIN = timedelta(seconds=60)
"""S7: the same card, store and amount within a minute is asked about even where repeats are not."""

LOOK_BACK = 20
"""So many lines of a card lie between now and a purchase of the last minutes, at the most."""


@dataclass(frozen=True)
class Sight:
    """What a guard saw. `again_at`: from when on it would see nothing; `last` is the booking before."""

    flag: str
    again_at: datetime | None = None
    last: datetime | None = None
    last_total: int | None = None


def of_purchase(
    session: Session,
    account: Account,
    purchase: Purchase,
    store: str,
    now: datetime,
    *,
    ask: bool,
    counter: bool,
) -> tuple[str, ...]:
    """The flags to book it with. A usual purchase is judged by the row of its card alone; one that names its
    channel, such as an app, was made at no counter and keeps no hours.
    """
    program, at = account.program, purchase.occurred_at
    counter = counter or ask
    exact = counter or REPEAT in program.guards.refuse
    seen = [
        *_repeats(session, account, purchase, store, exact=exact),
        *_often(account, at),
        *(_old_receipt(program, purchase, now) if counter else ()),
        *(_after_hours(program, at) if purchase.channel is None else ()),
    ]
    return _judged(program, seen, ask=ask)


def of_receipt(program: Program, purchase: Purchase, shown_at: datetime) -> tuple[str, ...]:
    """The flags of a receipt that was shown at a till without a network, and is booked now."""
    return _judged(program, [*_old_receipt(program, purchase, shown_at)], ask=False)


def of_redemption(session: Session, account: Account, now: datetime, *, ask: bool) -> tuple[str, ...]:
    """The ledger is counted only for a card that something happened to today."""
    seen = [*_redeems_often(session, account, now), *_after_hours(account.program, now)]
    return _judged(account.program, seen, ask=ask)


def given_today(session: Session, account: Account, now: datetime) -> int:
    """Points for rewards and money, without what was taken back and what a manager approved."""
    zone = account.program.time_zone
    today = local_day(now, zone)
    if local_day(account.card.changed_at, zone) != today:
        return 0
    given = select(func.coalesce(-func.sum(LedgerEntry.points), 0)).where(
        LedgerEntry.card_id == account.card.id,
        LedgerEntry.kind == Kind.REDEEM,
        LedgerEntry.recorded_at >= end_of_day(today - timedelta(days=1), zone),
        LedgerEntry.approved_by.is_(None),
        _stands(),
    )
    return int(session.scalar(given) or 0)


def _judged(program: Program, seen: Sequence[Sight], *, ask: bool) -> tuple[str, ...]:
    refused = [sight for sight in seen if sight.flag in program.guards.refuse]
    if refused:
        raise GuardRefused(
            "The program does not allow this now: " + _told(refused), **_figures(refused, program)
        )
    if seen and ask:
        raise AskFirst("Nothing is booked yet: " + _told(seen), **_figures(seen, program))
    return tuple(sight.flag for sight in seen)


def _told(seen: Sequence[Sight]) -> str:
    return ", ".join(_WORDS[sight.flag] for sight in seen) + "."


_WORDS = {
    REPEAT: "the same card again within minutes",
    OFTEN: "more purchases of the card today than usual",
    REDEEMS_OFTEN: "more redemptions of the card today than usual",
    OLD_RECEIPT: "the receipt is old",
    AFTER_HOURS: "outside the hours of the shop",
}


def _figures(seen: Sequence[Sight], program: Program) -> dict[str, Fact]:
    """The moments as ISO 8601; none of `again_at` for what no waiting mends."""
    waits = [sight.again_at for sight in seen]
    again_at = max((wait for wait in waits if wait is not None), default=None) if all(waits) else None
    before = next((sight for sight in seen if sight.last is not None), None)
    return {
        "flags": " ".join(sight.flag for sight in seen),
        "last_at": before.last.isoformat() if before and before.last else None,
        "last_total": before.last_total if before else None,
        "again_at": again_at.isoformat() if again_at else None,
        "time_zone": program.time_zone,
    }


def _repeats(
    session: Session, account: Account, purchase: Purchase, store: str, *, exact: bool
) -> Iterator[Sight]:
    """By the row; `exact` asks the ledger too, which knows what was taken back and how much it was."""
    card, at = account.card, purchase.occurred_at
    interval = timedelta(minutes=account.program.repeat_minutes)
    apart = abs(at - card.earned_at) if card.earned_at else None
    if apart is None or apart >= max(interval, SAME_AGAIN if exact else interval):
        return
    seen = Sight(REPEAT, card.earned_at and card.earned_at + interval, card.earned_at)
    if not exact:
        yield seen
        return
    last = _last_purchase(session, account, at, max(interval, SAME_AGAIN))
    if last is not None and (abs(at - last.occurred_at) < interval or _the_same(last, purchase, store)):
        yield replace(
            seen,
            last=last.occurred_at,
            last_total=last.total,
            again_at=last.occurred_at + max(interval, SAME_AGAIN),
        )


def _the_same(last: Any, purchase: Purchase, store: str) -> bool:
    return abs(purchase.occurred_at - last.occurred_at) < SAME_AGAIN and (last.total, last.store) == (
        purchase.total,
        store,
    )


def _last_purchase(session: Session, account: Account, at: datetime, window: timedelta) -> Any | None:
    """That still stands: what was taken back a moment ago, to be typed again, is no repeat."""
    return LAST_PURCHASE.row(
        written(session),
        {
            "card": account.card.id,
            "later_than": account.card.seq - LOOK_BACK,
            "after": at - window,
            "before": at + window,
        },
    )


def _last_purchases(_database: str) -> Select[datetime, int | None, str]:
    return (
        select(LedgerEntry.occurred_at, LedgerEntry.total, LedgerEntry.store)
        .where(
            LedgerEntry.card_id == bindparam("card"),
            LedgerEntry.seq > bindparam("later_than"),
            LedgerEntry.kind == Kind.EARN.value,
            LedgerEntry.occurred_at > bindparam("after"),
            LedgerEntry.occurred_at < bindparam("before"),
            _stands(),
        )
        .order_by(LedgerEntry.seq.desc())
        .limit(1)
    )


LAST_PURCHASE = Ready(_last_purchases)


def _stands() -> ColumnElement[bool]:
    undoing = aliased(LedgerEntry)
    return ~(
        select(undoing.id)
        .where(undoing.reverses_id == LedgerEntry.id, undoing.kind == Kind.REVERSE.value)
        .correlate(LedgerEntry)
        .exists()
    )


def _often(account: Account, at: datetime) -> Iterator[Sight]:
    card, program = account.card, account.program
    today = local_day(at, program.time_zone)
    if card.earned_day == today.isoformat() and card.earned_today >= program.purchases_a_day:
        yield Sight(OFTEN, end_of_day(today, program.time_zone), card.earned_at)


def _redeems_often(session: Session, account: Account, now: datetime) -> Iterator[Sight]:
    zone = account.program.time_zone
    today = local_day(now, zone)
    if local_day(account.card.changed_at, zone) != today:
        return
    count, last = _redeemed_since(session, account, end_of_day(today - timedelta(days=1), zone))
    if count >= account.program.guards.redemptions_a_day:
        yield Sight(REDEEMS_OFTEN, end_of_day(today, zone), last)


def _redeemed_since(session: Session, account: Account, midnight: datetime) -> tuple[int, datetime | None]:
    last = session.scalars(
        select(LedgerEntry.recorded_at)
        .where(
            LedgerEntry.card_id == account.card.id,
            LedgerEntry.kind == Kind.REDEEM,
            LedgerEntry.recorded_at >= midnight,
            _stands(),
        )
        .order_by(LedgerEntry.seq.desc())
        .limit(account.program.guards.redemptions_a_day)
    ).all()
    return len(last), last[0] if last else None


def _old_receipt(program: Program, purchase: Purchase, now: datetime) -> Iterator[Sight]:
    """Picked up from the floor, perhaps: whoever paid stands here a moment after."""
    age = now - purchase.occurred_at
    if purchase.receipt is not None and age > timedelta(minutes=program.guards.receipt_minutes):
        yield Sight(OLD_RECEIPT)


def _after_hours(program: Program, at: datetime) -> Iterator[Sight]:
    hours = program.guards.hours
    if hours is None:
        return
    local = at.astimezone(ZoneInfo(program.time_zone))
    if not is_open(hours, local):
        yield Sight(AFTER_HOURS, opens_next(hours, local))
