"""Running counts of a card: status by month, uses of limited rules; so that nobody reads a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wallet_service.actions.account import Account
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import Tally
from wallet_service.db.tables.base import table
from wallet_service.domain import tiers
from wallet_service.domain.local_days import month_name
from wallet_service.domain.program import Program
from wallet_service.domain.rules import Evaluation, limit_periods

STATUS = "status"
tally = table(Tally)
WINDOW = Ready(
    select(func.coalesce(func.sum(tally.c.amount), 0)).where(
        tally.c.card_id == bindparam("card"),
        tally.c.name == STATUS,
        tally.c.period.between(bindparam("first"), bindparam("last")),
    )
)

Change = tuple[str, str, int]
"""Name, period and how much more."""


def _add(database: str) -> Any:
    dialect: Any = {"sqlite": sqlite, "postgresql": postgresql}[database]
    added = dialect.insert(tally)
    return added.on_conflict_do_update(
        index_elements=["card_id", "name", "period"], set_={"amount": tally.c.amount + added.excluded.amount}
    )


ADD = Ready(_add, tally.c.keys())


def status(session: Session, account: Account, at: datetime) -> int:
    """Status points in the window of the program's tiers that holds `at` (invariant 13)."""
    rules, program = account.program.tiers, account.program
    if rules is None or rules.window == "lifetime":
        return account.card.status_points
    first, last = tiers.window_months(rules, at, program.time_zone)
    window = {"card": account.card.id, "first": first, "last": last}
    return int(WINDOW.answers(written(session), window)[0])  # a sum of PostgreSQL is a Decimal


def status_with(session: Session, account: Account, at: datetime, change: int) -> int:
    """The same once a purchase is booked or taken back that has changed the tallies already."""
    rules = account.program.tiers
    lifetime = rules is None or rules.window == "lifetime"
    return status(session, account, at) + (change if lifetime else 0)


def uses(session: Session, account: Account, at: datetime) -> Mapping[str, int]:
    """How often each limited rule was used in the window that holds `at`."""
    periods = limit_periods(account.program, at)
    if not periods:
        return {}
    asked: dict[str, object] = {"card": account.card.id}
    for place, (rule, period) in enumerate(periods.items()):
        asked |= {f"name_{place}": _name(rule), f"period_{place}": period}
    rows = _uses(len(periods)).rows(written(session), asked)
    counted = {row.name: row.amount for row in rows}
    return {rule: max(counted.get(_name(rule), 0), 0) for rule in periods}


@cache
def _uses(rules: int) -> Ready:
    """Of so many rules, each in the period that its limit counts now."""
    wanted = (
        and_(tally.c.name == bindparam(f"name_{place}"), tally.c.period == bindparam(f"period_{place}"))
        for place in range(rules)
    )
    return Ready(
        select(tally.c.name, tally.c.amount).where(tally.c.card_id == bindparam("card"), or_(*wanted))
    )


def changes(program: Program, worth: Evaluation, at: datetime, sign: int = 1) -> Iterable[Change]:
    """What a purchase adds under the program that decided it, or takes away again with a `sign` of -1."""
    yield from status_change(program, sign * worth.status, at)
    periods = limit_periods(program, at) if worth.uses else {}
    for rule, count in worth.uses:
        if rule in periods:
            yield _name(rule), periods[rule], sign * count


def status_change(program: Program, points: int, at: datetime) -> Iterable[Change]:
    if points:
        yield STATUS, month_name(at, program.time_zone), points


def take_over(session: Session, kept: Account, dropped: Account) -> None:
    """All counts of a card that is merged into another."""
    rows = written(session).execute(select(tally).where(tally.c.card_id == dropped.card.id)).all()
    add(session, kept, ((row.name, row.period, row.amount) for row in rows))
    add(session, dropped, ((row.name, row.period, -row.amount) for row in rows))


def add(session: Session, account: Account, changed: Iterable[Change]) -> None:
    rows = [
        {"card_id": account.card.id, "name": name, "period": period, "amount": amount}
        for name, period, amount in changed
        if amount
    ]
    if rows:
        ADD.send(written(session), *rows)


def _name(rule: str) -> str:
    return f"rule:{rule}"
