"""A guest without their phone tells its last digits: the cards that fit, without a name or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit, programs
from wallet_service.actions.at_till import initials
from wallet_service.actions.once import Actor
from wallet_service.actions.tills import At
from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.tables import Audit, Card, Member, ProgramRow
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import TooMuch
from wallet_service.domain.local_days import local_day
from wallet_service.domain.program import Program, Texts

TAIL = 4
MOST = 10
SEARCH = "phone-search"
LIMITS = ((timedelta(minutes=1), 10), (timedelta(hours=1), 60), (timedelta(days=1), 200))
"""A cashier looks for a guest now and then; who looks for many guesses."""


@dataclass(frozen=True)
class Found:
    """`tail`: all that is told of the phone. `last`: the day of the latest purchase, in the shop."""

    serial: str
    initials: str
    tail: str
    program: Texts
    last: date | None


def find_by_phone(session: Session, *, digits: str, at: At, actor: Actor, now: datetime) -> tuple[Found, ...]:
    """Whose phone ends so, the latest guests first. Every look is written down, TooMuch after some."""
    _may_look(session, actor, now)
    known = {program.slug: program for program in programs.in_force(session)}
    found = tuple(_found(row, known[row.slug]) for row in _fitting(session, digits, at))
    audit.write(session, actor.name, SEARCH, at.name, {"store": at.store, "found": len(found)}, now)
    return found


def _may_look(session: Session, actor: Actor, now: datetime) -> None:
    one_at_a_time(session, f"searches of {actor.name}")
    looks = select(func.count(Audit.id), func.min(Audit.at)).where(
        Audit.actor == actor.name, Audit.verb == SEARCH
    )
    for window, most in LIMITS:
        count, first = session.execute(looks.where(Audit.at > now - window)).one()
        if count >= most:
            seconds = max(ceil((first + window - now).total_seconds()), 1)
            raise TooMuch(f"Too many searches. Try again in {seconds} seconds.", seconds=seconds)


def _found(row: Any, program: Program) -> Found:
    last = row.earned_at and local_day(row.earned_at, program.time_zone)
    return Found(row.serial, initials(row.name), row.phone[-TAIL:], program.name, last)


def _fitting(session: Session, digits: str, at: At) -> Sequence[Any]:
    query = (
        select(Card.serial, Member.name, Member.phone, ProgramRow.slug, Card.earned_at)
        .join(Member, Member.id == Card.member_id)
        .join(ProgramRow, ProgramRow.id == Card.program_id)
        .where(Member.phone_tail == digits[-TAIL:], Card.status == ACTIVE)
        .where(Member.phone.endswith(digits, autoescape=True))
        .order_by(Card.earned_at.desc().nulls_last(), Card.id.desc())
        .limit(MOST)
    )
    if at.programs is not None:
        query = query.where(ProgramRow.slug.in_(at.programs))
    return session.execute(query).all()
