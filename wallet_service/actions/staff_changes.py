"""A manager changed who works here: a new PIN, another role, the card that is their own, the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit, shifts, staff
from wallet_service.db import queries
from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.tables import Staff
from wallet_service.domain.people_errors import LastManager, UnknownPerson


def find(session: Session, staff_id: int) -> Staff:
    person = staff.person(session, staff_id)
    if person is None:
        raise UnknownPerson("Nobody like that works here. Open the page again.")
    return person


def named(session: Session, name: str) -> Staff:
    person = session.scalar(select(Staff).where(Staff.name == name, Staff.active))
    if person is None:
        raise UnknownPerson(f"Nobody called {name!r} works here. `flask wallet staff list` names everybody.")
    return person


def everybody(session: Session) -> Sequence[Staff]:
    return session.scalars(select(Staff).where(Staff.active).order_by(Staff.name)).all()


def deactivate(session: Session, person: Staff, *, actor: str, now: datetime) -> None:
    """Out at their next step; what they booked keeps their name."""
    _leave_a_manager(session, person)
    person.active = False
    shifts.end_all_of(session, staff=person.id, now=now)
    _tell(session, person, actor, "staff-deactivated", now)


def set_role(session: Session, person: Staff, role: str, *, actor: str, now: datetime) -> None:
    staff.require_role(role)
    if role == person.role:
        return
    _leave_a_manager(session, person)
    person.role = role
    _tell(session, person, actor, "role-set", now, role=role)


def set_pin(session: Session, person: Staff, pin: str, *, actor: str, now: datetime) -> None:
    """Whoever is signed in with the old one is out."""
    person.pin_hash = staff.hashed(session, pin, but_not=person.id)
    shifts.end_all_of(session, staff=person.id, now=now)
    _tell(session, person, actor, "pin-set", now)


def set_own_card(session: Session, person: Staff, number: str, *, actor: str, now: datetime) -> None:
    """The card that they carry as a member and never serve; no number: they have none (S9)."""
    person.own_card_id = queries.card(session, number, retired=True).id if number.strip() else None
    _tell(session, person, actor, "own-card-set", now, card=person.own_card_id)


def set_second_factor(
    session: Session, person: Staff, nonce: str | None, *, actor: str, now: datetime
) -> None:
    """None takes it away: for somebody whose phone is lost."""
    person.second_factor = nonce
    _tell(session, person, actor, "second-factor-set", now, has_one=nonce is not None)


def _leave_a_manager(session: Session, person: Staff) -> None:
    """Somebody has to be able to open the office."""
    if person.role != staff.ADMIN:
        return
    one_at_a_time(session, "managers")
    managers = select(func.count(Staff.id)).where(Staff.active, Staff.role == staff.ADMIN)
    if session.scalar(managers) == 1:
        raise LastManager(
            f"{person.name} is the only manager. Make somebody else one first.", name=person.name
        )


def _tell(
    session: Session, person: Staff, actor: str, verb: str, now: datetime, **detail: str | int | None
) -> None:
    audit.write(session, actor, verb, f"staff:{person.id}", detail, now)
