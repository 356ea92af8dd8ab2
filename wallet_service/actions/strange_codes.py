"""A till or a machine showed a card number that nobody knows: each further one has to wait longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.session import Sessions
from wallet_service.db.tables import ApiKey, StaffAttempt, Till
from wallet_service.db.tables.base import UtcTime
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import TooMuch
from wallet_service.push.alarms import clear_alarm, open_alarms, raise_alarm

FREE = 3
WITHIN = timedelta(minutes=10)
ALARM, ALARMING = "strange-codes", 8
"""Nobody mistypes so many numbers in ten minutes: the check digits catch that."""


def strange_code(sessions: Sessions, *, place: str, now: datetime) -> None:
    """Call it once a number turned out to be unknown, in no transaction: TooMuch when `place` ("till:3",
    "api:1") has to wait. A number that is known is never held up, because nobody asks here for it.
    """
    with sessions.begin(in_quarantine=True) as session:
        one_at_a_time(session, _address(place))
        wait = _wait(session, place, now)
        if wait <= timedelta(0):
            session.add(StaffAttempt(address=_address(place), at=now))
            _tell(session, place, now)
    if wait > timedelta(0):
        seconds = ceil(wait.total_seconds())
        raise TooMuch(f"Too many unknown codes. Try again in {seconds} seconds.", seconds=seconds)


def clear_quiet(session: Session, now: datetime) -> None:
    """The alarms about places that have been quiet since."""
    for alarm in open_alarms(session):
        if alarm.kind == ALARM and not _seen(session, alarm.subject, now)[0]:
            clear_alarm(session, ALARM, alarm.subject, now)


def _wait(session: Session, place: str, now: datetime) -> timedelta:
    """The first are free, then the pause doubles: 1 s, 2 s, 4 s ..."""
    forgotten = StaffAttempt.at < now - WITHIN
    session.execute(delete(StaffAttempt).where(StaffAttempt.address == _address(place), forgotten))
    count, last = _seen(session, place, now)
    if last is None or count < FREE:
        return timedelta(0)
    return last + min(timedelta(seconds=2 ** (count - FREE)), WITHIN) - now


def _seen(session: Session, place: str, now: datetime) -> tuple[int, datetime | None]:
    of_place = (StaffAttempt.address == _address(place)) & (StaffAttempt.at >= now - WITHIN)
    count, last = session.execute(
        select(func.count(StaffAttempt.id), func.max(StaffAttempt.at, type_=UtcTime)).where(of_place)
    ).one()
    return count, last


def _tell(session: Session, place: str, now: datetime) -> None:
    count, _ = _seen(session, place, now)
    if count >= ALARMING:
        said = f"{place} showed {count} unknown card numbers within ten minutes. Somebody may be guessing."
        raise_alarm(
            session,
            ALARM,
            place,
            Detail(said, "codes/strange", count=count, name=_called(session, place)),
            now,
        )


def _called(session: Session, place: str) -> str:
    """As the office names it."""
    kind, _, number = place.partition(":")
    known = {"till": (Till.id, Till.name), "api": (ApiKey.id, ApiKey.name)}
    if kind not in known or not number.isdecimal():
        return place
    by, name = known[kind]
    return session.scalar(select(name).where(by == int(number))) or place


def _address(place: str) -> str:
    """Kept beside the wrong PINs, and apart from them."""
    return f"codes {place}"
