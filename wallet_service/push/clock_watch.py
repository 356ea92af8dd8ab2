"""Watches this machine's own clock: what a wrong one wrote down is not waited for, and takes nothing away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import InstrumentedAttribute

from wallet_service.db.session import Sessions
from wallet_service.db.tables import Installation, Outbox, WebhookDelivery
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.resident import PAUSE, Resident

log = logging.getLogger(__name__)

ALARM = SUBJECT = "clock"
SLACK = timedelta(seconds=30)  # a lease: so much later nobody minds
APART = timedelta(seconds=60)  # how far the clocks of two machines may differ
LEAP = timedelta(hours=1)
PROVEN_AFTER = 3600.0  # steady seconds until a time that nobody expected is believed
NOTED_EVERY = 30.0
SLICE = 500
REMEDY = "See that the machine's time is kept by NTP."


def is_trusted(sessions: Sessions, now: datetime) -> bool:
    """Whether what is old may be taken away for good: not within an hour after the clock leapt ahead."""
    seen = _seen(sessions)
    return seen is None or now <= seen + LEAP


def _seen(sessions: Sessions) -> datetime | None:
    with sessions.read() as session:
        return session.scalar(select(Installation.seen_at).where(Installation.id == 1))


def steady() -> float:
    """Seconds that no setting of the clock changes; a machine that sleeps counts on where there is a way."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockWatch(Resident):
    """One in each worker process. The latest time seen stands in the database, so that a clock that is wrong
    from the start of the machine is known too.
    """

    name = "the clock"

    def __init__(
        self,
        sessions: Sessions,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = steady,
        doubt: Callable[[datetime], str] = lambda _now: "",
    ) -> None:
        super().__init__()
        self._sessions, self._clock, self._steady = sessions, clock, steady
        self._doubt = doubt
        self._looked: tuple[datetime, float] | None = None
        self._noted: float | None = None
        self._leapt: float | None = None
        self._doubted: datetime | None = None

    def step(self) -> bool:
        """Quick while all is well: the database is asked twice a minute."""
        now, moment = self._clock(), self._steady()
        ahead = self._ahead(now, moment)
        self._looked = now, moment
        if ahead < -SLACK:
            self._set_back(now, -ahead)
        elif ahead > LEAP:
            self._leap(now, moment, ahead)
        if self._noted is None or moment - self._noted >= NOTED_EVERY or ahead < -SLACK:
            self._note(now, moment)
            self._noted = moment
        return False

    def _ahead(self, now: datetime, moment: float) -> timedelta:
        """By how much more the clock went on than time did since the last look."""
        if self._looked is None:
            return timedelta()
        before, then = self._looked
        return now - before - timedelta(seconds=moment - then)

    def _set_back(self, now: datetime, by: timedelta) -> None:
        self._leapt = None  # it was the leap that was wrong
        log.warning("the clock was set back by %s: what waited for a time of the wrong clock is due now", by)
        free_waits(self._sessions, now)
        with self._sessions.begin(in_quarantine=True) as session:
            detail = Detail(
                f"The clock was set back by {by}. {REMEDY}", "clock/set-back", minutes=_minutes(by)
            )
            raise_alarm(session, ALARM, SUBJECT, detail, now)

    def _leap(self, now: datetime, moment: float, by: timedelta) -> None:
        self._leapt, self._doubted = moment, _seen(self._sessions)
        log.warning("the clock leapt ahead by %s; for an hour nothing is taken away for being old", by)
        said = f"The clock leapt ahead by {by}. For an hour no points burn and no data is forgotten. {REMEDY}"
        detail = Detail(said, "clock/leapt", minutes=_minutes(by))
        with self._sessions.begin(in_quarantine=True) as session:
            raise_alarm(session, ALARM, SUBJECT, detail, now)

    def _note(self, now: datetime, moment: float) -> None:
        seen = _seen(self._sessions)
        if seen is not None and seen > now + APART:
            self._set_back(now, seen - now)
        elif seen is not None and now > seen + LEAP and self._is_doubtful(seen):
            self._leapt, self._doubted = moment, seen
        if self._leapt is not None and moment - self._leapt < PROVEN_AFTER:
            return
        if self._doubt(now):  # a time that other servers contradict is never believed, however long it stands
            return
        with self._sessions.begin(in_quarantine=True) as session:
            session.execute(update(Installation).where(Installation.id == 1).values(seen_at=now))
            if self._leapt is not None:
                clear_alarm(session, ALARM, SUBJECT, now)
        self._leapt = None

    def _is_doubtful(self, seen: datetime) -> bool:
        """At the start we were away that long, or the clock is wrong: the hour will tell. It does not while
        another machine goes on writing an earlier time.
        """
        return self._noted is None or (self._leapt is not None and seen != self._doubted)


def _minutes(by: timedelta) -> int:
    return round(by.total_seconds() / 60)


def free_waits(sessions: Sessions, now: datetime) -> None:
    """Every wait is over, in slices that keep no till waiting. Too early does no harm: what may not be sent
    yet is only looked at.
    """
    marks = (Outbox, Outbox.due_at, Outbox.told < Outbox.wanted)
    deliveries = (WebhookDelivery, WebhookDelivery.due_at, WebhookDelivery.due_at.is_not(None))
    for kind, due_at, waiting in (marks, deliveries):
        while _freed(sessions, kind, due_at, waiting, now) == SLICE:
            time.sleep(PAUSE)


def _freed(
    sessions: Sessions,
    kind: type[Outbox] | type[WebhookDelivery],
    due_at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    waiting: ColumnElement[bool],
    now: datetime,
) -> int:
    later: Select[int] = select(kind.id).where(waiting, due_at > now).order_by(kind.id).limit(SLICE)
    with sessions.begin(in_quarantine=True) as session:
        found = session.scalars(later.with_for_update(skip_locked=True)).all()
        session.execute(update(kind).where(kind.id.in_(found)).values(due_at=now))
    return len(found)
