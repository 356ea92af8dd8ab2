"""Somebody began to work at a till, and stopped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from wallet_service.actions.tills import LONGEST_SHIFT as LONGEST
from wallet_service.actions.tills import At, Paired
from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.ready import Ready
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Shift, Staff, Store, Till
from wallet_service.db.tables.base import table

PERSON = tuple(column.name for column in table(Staff).columns)
PRESENT = Ready(  # asked at every step
    select(
        *table(Staff).columns,
        Shift.id.label("shift"),
        Shift.began_at,
        Shift.ended_at,
        Till.id.label("till"),
        Till.name.label("till_name"),
        Till.pairing,
        Till.blocked_at,
        Till.seen_at,
        Store.slug,
        Store.name.label("store_name"),
        Store.programs,
    )
    .select_from(Staff)
    .outerjoin(Shift, and_(Shift.id == bindparam("shift"), Shift.staff_id == Staff.id))
    .outerjoin(Till, Till.id == Shift.till_id)
    .outerjoin(Store, Store.id == Till.store_id)
    .where(Staff.id == bindparam("staff"), Staff.active)
)


@dataclass(frozen=True)
class Presence:
    """Who is there. None of `shift`, `till` and `paired`: in the office, at a browser that is no till."""

    person: Staff
    shift: int | None
    till: At | None
    paired: Paired | None
    blocked: bool
    seen_at: datetime | None = None


def begin(session: Session, *, staff: int, till: int, now: datetime) -> int:
    """Whoever stood there before has stopped: a till has one operator."""
    one_at_a_time(session, f"shifts at till {till}")
    _end(session, Shift.till_id == till, now)
    shift = Shift(staff_id=staff, till_id=till, began_at=now)
    session.add(shift)
    session.flush()
    return shift.id


def end(session: Session, *, shift: int, now: datetime) -> None:
    _end(session, Shift.id == shift, now)


def end_all_of(session: Session, *, staff: int, now: datetime) -> None:
    """They no longer work here, or have another PIN."""
    _end(session, Shift.staff_id == staff, now)


def present(sessions: Sessions, *, staff: int, shift: int | None, now: datetime) -> Presence | None:
    """In one statement; None when they no longer work here, or their shift is over."""
    found = sessions.glance(PRESENT, {"staff": staff, "shift": shift})
    if found is None:
        return None
    person = Staff(**dict(zip(PERSON, found, strict=False)))
    if shift is None:
        return Presence(person, None, None, None, blocked=False)
    if found.shift is None or found.ended_at is not None or now >= found.began_at + LONGEST:
        return None
    programs = None if found.programs is None else frozenset(found.programs)
    there = At(found.till, found.till_name, found.slug, found.store_name, programs)
    paired = Paired(found.till, found.pairing)
    blocked = found.blocked_at is not None
    return Presence(person, found.shift, there, paired, blocked=blocked, seen_at=found.seen_at)


def was_there(
    session: Session,
    *,
    shift: int,
    staff: int,
    till: int,
    moment: datetime,
    slack: timedelta = timedelta(0),
) -> bool:
    """Did this person work at this till at that moment? For what an offline till says afterwards, whose clock
    may be off by the `slack`.
    """
    began = and_(Shift.began_at <= moment + slack, Shift.began_at > moment - slack - LONGEST)
    there = and_(Shift.id == shift, Shift.staff_id == staff, Shift.till_id == till)
    until = or_(Shift.ended_at.is_(None), Shift.ended_at >= moment - slack)
    return session.scalar(select(Shift.id).where(there, began, until)) is not None


def mark(person: Staff) -> str:
    """Changes with the PIN and the second factor, so that what was signed in with the old ones ends."""
    kept = f"{person.pin_hash} {person.second_factor}"
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    """One that was forgotten ended when its hours were over."""
    for shift in session.scalars(select(Shift).where(which, Shift.ended_at.is_(None))):
        shift.ended_at = min(now, shift.began_at + LONGEST)
    session.flush()
