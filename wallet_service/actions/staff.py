"""People who work here: they are added with a PIN, and sign in with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Staff, StaffAttempt
from wallet_service.domain.errors import Invalid, TooMuch
from wallet_service.domain.people_errors import BadName, BadPin, NameTaken, PinTaken, WrongPin
from wallet_service.domain.plain import one_line

CASHIER, ADMIN = "cashier", "admin"
ROLES = (CASHIER, ADMIN)
SHORTEST_PIN, LONGEST_PIN = 4, 6
LONGEST_NAME = 64

FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
REMEMBERED = timedelta(hours=1)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def add_staff(
    session: Session, *, name: str, role: str, pin: str, now: datetime, actor: str = audit.COMMAND
) -> Staff:
    """Everyone has a PIN of their own, because the PIN alone says who it is."""
    shown = one_line(name, LONGEST_NAME)
    if not shown:
        raise BadName("Give the person a name that others know.")
    require_role(role)
    if session.scalar(select(Staff.id).where(Staff.name == shown)) is not None:
        raise NameTaken(f"There is a {shown!r} already. Give another name.", name=shown)
    person = Staff(name=shown, role=role, pin_hash=hashed(session, pin), created_at=now)
    session.add(person)
    session.flush()
    audit.write(session, actor, "staff-added", f"staff:{person.id}", {"role": role}, now)
    return person


def require_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid(f"There is no role {role[:20]!r}. Use {' or '.join(ROLES)}.")


def hashed(session: Session, pin: str, *, but_not: int | None = None) -> str:
    """What is kept of a PIN that nobody else has."""
    if not _is_pin(pin):
        raise BadPin(f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits.")
    one_at_a_time(session, "new pins")
    if _whose([person for person in _people(session) if person.id != but_not], pin):
        raise PinTaken("This PIN cannot be used. Choose another one.")
    return _hasher.hash(pin)


def sign_in(
    sessions: Sessions,
    *,
    pin: str,
    address: str,
    now: datetime,
    proof: Callable[[Staff], bool] = lambda _person: True,
) -> Staff:
    """Who has this PIN, and `proof` of it; WrongPin or TooMuch otherwise.

    The try is on record before the slow comparison begins, which holds no transaction: guessing in
    parallel gains nothing, and tills go on booking meanwhile.
    """
    with sessions.begin(in_quarantine=True) as session:
        attempt = _count_try(session, address, now)
    with sessions.read() as session:
        people = _people(session)
    person = _whose(people, pin if _is_pin(pin) else "")
    if person is None or not proof(person):
        raise WrongPin("This PIN is not right. Type it again.")
    with sessions.begin(in_quarantine=True) as session:
        # only this one: a cashier's own PIN must not wash away the tries at the manager's
        session.execute(delete(StaffAttempt).where(StaffAttempt.id == attempt))
    return person


def person(session: Session, staff_id: int) -> Staff | None:
    """Still working here?"""
    found = session.get(Staff, staff_id)
    return found if found is not None and found.active else None


def _count_try(session: Session, address: str, now: datetime) -> int:
    """Five wrong ones an hour are free, then the wait doubles; by address, so that nobody locks the shop
    out (S25). Answers the try's id.
    """
    one_at_a_time(session, f"pins of {address}")
    session.execute(delete(StaffAttempt).where(StaffAttempt.at < now - REMEMBERED))
    count, last = session.execute(
        select(func.count(StaffAttempt.id), func.max(StaffAttempt.at)).where(StaffAttempt.address == address)
    ).one()
    if count >= FREE_TRIES:
        wait = min(timedelta(seconds=2 ** (count - FREE_TRIES)), LONGEST_WAIT)
        if now < last + wait:
            seconds = ceil((last + wait - now).total_seconds())
            raise TooMuch(f"Too many wrong PINs. Try again in {seconds} seconds.", seconds=seconds)
    attempt = StaffAttempt(address=address, at=now)
    session.add(attempt)
    session.flush()
    return attempt.id


def _people(session: Session) -> Sequence[Staff]:
    return session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)).all()


def _whose(people: Sequence[Staff], pin: str) -> Staff | None:
    """Compares with everyone, always: the time it takes says nothing."""
    fitting = [person for person in people if _fits(person.pin_hash, pin)]
    if not people:
        _hasher.hash(pin)  # as slow as if there were somebody
    return fitting[0] if fitting else None


def _fits(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin)
    except VerificationError:
        return False


def _is_pin(text: str) -> bool:
    return text.isascii() and text.isdigit() and SHORTEST_PIN <= len(text) <= LONGEST_PIN
