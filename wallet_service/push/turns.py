"""Jobs that have their hour are done by one worker of all, whichever asks first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update

from wallet_service.db.session import Sessions
from wallet_service.db.tables import JobTurn
from wallet_service.domain.errors import Conflict

FAR = 10
"""So many slots ahead no worker can be: a wrong clock wrote that down."""


class Turns:
    """Counted in the database, so that it needs no broker; a worker that dies at work misses one turn."""

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions, self._clock = sessions, clock

    def take(self, name: str, minutes: int) -> bool:
        """Whether this worker does the job in the slot of time that has begun."""
        slot = _begun(self._clock(), minutes)
        try:
            return self._moved(name, slot, minutes) or self._first(name, slot)
        except Conflict:
            return False

    def _moved(self, name: str, slot: datetime, minutes: int) -> bool:
        due = or_(JobTurn.slot < slot, JobTurn.slot > slot + timedelta(minutes=FAR * minutes))
        move = update(JobTurn).where(JobTurn.name == name, due).values(slot=slot).returning(JobTurn.name)
        with self._sessions.begin(in_quarantine=True) as session:
            return session.scalar(move) is not None

    def _first(self, name: str, slot: datetime) -> bool:
        with self._sessions.begin(in_quarantine=True) as session:
            if session.get(JobTurn, name) is not None:
                return False
            session.add(JobTurn(name=name, slot=slot))
        return True


def _begun(now: datetime, minutes: int) -> datetime:
    length = minutes * 60
    return datetime.fromtimestamp(now.timestamp() // length * length, UTC)
