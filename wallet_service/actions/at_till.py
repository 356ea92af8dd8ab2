"""A card is shown at a till: where it stands, what happened to it last, and whether it counts there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import entries, programs
from wallet_service.actions import stand as stands
from wallet_service.actions.account import Account
from wallet_service.actions.once import Actor
from wallet_service.actions.stand import Stand
from wallet_service.actions.tills import At
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import LedgerEntry, Member, Operation
from wallet_service.db.tables.base import table
from wallet_service.domain import taking_back, wording
from wallet_service.domain.errors import ForeignCard
from wallet_service.domain.face import HistoryLine
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind

LINES = 3
MOST_INITIALS = 3
entry_table = table(LedgerEntry)
NAME = Ready(select(table(Member).c.name).where(table(Member).c.id == bindparam("member")))
LAST = Ready(  # without what only the books need
    select(
        entry_table.c.kind,
        entry_table.c.points,
        entry_table.c.reward,
        entry_table.c.total,
        entry_table.c.occurred_at,
        entry_table.c.program_version_id,
        case((entry_table.c.kind == Kind.REDEEM.value, entry_table.c.trace), else_=None).label("trace"),
    )
    .where(entry_table.c.card_id == bindparam("card"))
    .order_by(entry_table.c.seq.desc())
    .limit(LINES)
)


@dataclass(frozen=True)
class AtTill:
    """`initials`: nobody at a till reads a name."""

    stand: Stand
    initials: str
    last: tuple[HistoryLine, ...]

    @property
    def program(self) -> Program:
        return self.stand.program

    @property
    def serial(self) -> str:
        return self.stand.serial


def at_till(session: Session, reference: str, at: At, now: datetime) -> AtTill:
    """By serial number or card number. ForeignCard where it does not count; CardBlocked and CardNotActive
    as for a booking.
    """
    account = counting(session, reference, at)
    account.must_be_active()
    return as_it_stands(session, account, now)


def as_it_stands(session: Session, account: Account, now: datetime) -> AtTill:
    """A closed one too: something may be brought back for it."""
    (name,) = NAME.answers(written(session), {"member": account.card.member_id})
    rows = LAST.rows(written(session), {"card": account.card.id})
    last = tuple(_line(session, row) for row in rows)
    return AtTill(stands.of_account(session, account, now), initials(name), last)


def counting(session: Session, reference: str, at: At) -> Account:
    """The card, if its program counts in the store of this till."""
    account = accounts.look(session, reference)
    must_count(account.program, at)
    return account


def must_count(program: Program, at: At) -> None:
    if at.programs is not None and program.slug not in at.programs:
        raise ForeignCard("Cards of this program do not count in this store.", what="program")


def was_pressed(session: Session, actor: Actor, key: str) -> bool:
    """Whether this press of a button has booked something."""
    pressed = select(Operation.id).where(Operation.scope == actor.name, Operation.key == key)
    return session.scalar(pressed) is not None


def initials(name: str | None) -> str:
    words = one_line(name or "").split()[:MOST_INITIALS]
    return " ".join(f"{word[0].upper()}." for word in words)


def _line(session: Session, row: Any) -> HistoryLine:
    program, kind = programs.of_entry(session, row.program_version_id), Kind(row.kind)
    reward = program.reward(row.reward) if row.reward else None
    paid = taking_back.told(entries.steps(row.trace or ()), "paid_with", "money") or None
    money = paid if kind is Kind.REDEEM else row.total
    text = wording.history_line(program, kind, row.points, reward, money=money)
    return HistoryLine(row.occurred_at, text)
