"""One worker at a time sends to Google, so that its own pace is everybody's pace (G25)."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from wallet_service.actions.services import Clock
from wallet_service.db.session import Sessions
from wallet_service.db.tables import GoogleIssuer
from wallet_service.domain.errors import Unavailable
from wallet_service.google.issuer import issuer_row
from wallet_service.google.pace import GUESTS
from wallet_service.push.moments import is_over, lies_ahead

LEASE = timedelta(seconds=10)  # so another worker takes over within ten seconds
LONGEST_WAIT = 6.0
LONGEST_PAUSE = timedelta(minutes=2)  # that Google may ask of guests


class Lane:
    """The lease of the one lane. `held` takes it, renews it when half of it is over, and may be asked before
    every call.
    """

    def __init__(self, sessions: Sessions, issuer_id: str, clock: Clock, lease: timedelta = LEASE) -> None:
        self._sessions, self._issuer_id, self._clock = sessions, issuer_id, clock
        self._holder, self._lease = secrets.token_hex(8), lease
        self._lock = threading.Lock()
        self._taken_at: datetime | None = None

    def held(self) -> bool:
        now = self._clock()
        with self._lock:
            if self._taken_at is None or not timedelta() <= now - self._taken_at < self._lease / 2:
                self._taken_at = now if self._take(now) else None
            return self._taken_at is not None

    def leave(self) -> None:
        """So that nobody has to wait for the lease to end; it does so where the database is away."""
        mine = (GoogleIssuer.issuer_id == self._issuer_id) & (GoogleIssuer.lane_holder == self._holder)
        with self._lock, suppress(Unavailable), self._sessions.begin(in_quarantine=True) as session:
            session.execute(update(GoogleIssuer).where(mine).values(lane_holder=None, lane_until=None))
        self._taken_at = None

    def _take(self, now: datetime) -> bool:
        free = (GoogleIssuer.lane_holder == self._holder) | is_over(
            GoogleIssuer.lane_until, now, 2 * self._lease
        )
        with self._sessions.begin() as session:
            issuer_row(session, self._issuer_id)
            taken = (
                update(GoogleIssuer)
                .where(GoogleIssuer.issuer_id == self._issuer_id, free)
                .values(lane_holder=self._holder, lane_until=now + self._lease)
                .returning(GoogleIssuer.issuer_id)
                .execution_options(synchronize_session=False)
            )
            return session.execute(taken).first() is not None


class GuestPace:
    """For the few calls beside the lane, whatever process makes them: the next free moment is booked in the
    database.
    """

    def __init__(self, sessions: Sessions, issuer_id: str, per_second: float = GUESTS) -> None:
        self._sessions, self._issuer_id = sessions, issuer_id
        self._apart = timedelta(seconds=1 / per_second)

    def wait(self) -> None:
        """Unavailable when too many are waiting already."""
        time.sleep(self._booked(datetime.now(UTC)))

    def slow_down(self, seconds: float) -> None:
        with self._sessions.begin() as session:
            row = issuer_row(session, self._issuer_id)
            pause = min(timedelta(seconds=seconds), LONGEST_PAUSE / 2)
            row.guest_at = _next(row, datetime.now(UTC)) + pause

    def went_well(self) -> None:
        """Nothing to make up for."""

    def _booked(self, now: datetime) -> float:
        with self._sessions.begin() as session:
            issuer_row(session, self._issuer_id)
            row = session.get_one(GoogleIssuer, self._issuer_id, with_for_update=True, populate_existing=True)
            at = _next(row, now)
            wait = (at - now).total_seconds()
            if wait > LONGEST_WAIT:
                raise Unavailable("Many people save their cards right now.", retry_after=int(wait) + 1)
            row.guest_at = at + self._apart
        return wait


def _next(row: GoogleIssuer, now: datetime) -> datetime:
    return row.guest_at if row.guest_at and lies_ahead(row.guest_at, now, LONGEST_PAUSE) else now
