"""How this installation stands: looked at for probes, figures and people, and not more often than needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar, cast

from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from wallet_service.actions.back_up import last_made
from wallet_service.actions.services import Services
from wallet_service.apple.signing import certificate_status
from wallet_service.db import migrate
from wallet_service.db.tables import Alarm, GoogleIssuer, Registration
from wallet_service.domain.errors import Unavailable, WalletError
from wallet_service.push.alarm_watch import free_disk
from wallet_service.push.alarms import open_alarms
from wallet_service.push.backlog import Waiting, backlog, oldest_live
from wallet_service.push.queue import Queue

EXTENSION, QUEUE = "wallet.standing", "wallet.queue"
FRESH, LONG = 5.0, 60.0  # seconds that a look counts; what is costly and moves slowly counts longer
WRITE_WITHIN = 1.0
LEAST_FREE = 0.05
READ = text("SELECT 1 FROM program")
WRITE = text("UPDATE installation SET life = life WHERE id = 1")

Found = TypeVar("Found")


@dataclass(frozen=True)
class Seen:
    """What the database knows. `lane_free`: for how long nobody has driven the lane to Google."""

    at: datetime
    waiting: Sequence[Waiting]
    alarms: Sequence[Alarm]
    lane_free: timedelta | None

    @property
    def oldest_live(self) -> timedelta:
        return oldest_live(self.waiting, self.at)

    @property
    def marks(self) -> int:
        return sum(one.marks for one in self.waiting if not one.parked)

    @property
    def parked(self) -> int:
        return sum(one.marks for one in self.waiting if one.parked)


@dataclass(frozen=True)
class Paper:
    """A certificate: the days that it lasts, or what is wrong with it."""

    name: str
    days: int
    fault: str

    @property
    def expired(self) -> bool:
        return "expired on" in self.fault


class Standing:
    """Belongs to one web process."""

    def __init__(self, services: Services, queue: Queue | None) -> None:
        self._services, self._queue = services, queue
        self.seen = Kept(FRESH, self._look)
        self.papers = Kept(LONG, self._papers)
        self.registrations = Kept(LONG, self._registrations)
        self.database = Kept(FRESH, Within(WRITE_WITHIN, self._write))
        self.tables = Kept(LONG, self._tables)
        self.queue = Kept(FRESH, Within(WRITE_WITHIN, self._ask_the_queue))

    def disk(self) -> float:
        return free_disk(self._services.settings.data_dir)

    def backup(self) -> timedelta | None:
        """By the database, which knows it of all machines; None while it does not answer."""
        now = self._services.clock()
        try:
            made = last_made(self._services, now)
        except Unavailable:
            return None
        return max(now - made, timedelta()) if made else None

    def _look(self) -> Seen:
        now = self._services.clock()
        with self._services.sessions.read() as session:
            return Seen(now, backlog(session), open_alarms(session), _lane_free(session, now))

    def _registrations(self) -> int:
        with self._services.sessions.read() as session:
            return session.scalar(select(func.count()).select_from(Registration)) or 0

    def _papers(self) -> Sequence[Paper]:
        settings, now = self._services.settings, self._services.clock()
        try:
            found = certificate_status.status(settings.certs_dir, now, settings.key_passphrase)
        except WalletError as error:
            return [Paper("certificates", 0, error.detail)]
        return [Paper(f"{one.pass_type} {one.certificate}", one.days_left, one.fault) for one in found]

    def _write(self) -> str:
        """Why nothing can be booked; empty when it can."""
        try:
            with self._services.sessions.begin(in_quarantine=True) as session:
                session.execute(READ)
                session.execute(WRITE)
        except WalletError as error:
            return error.detail
        except DBAPIError as error:
            return str(error.orig)
        return ""

    def _ask_the_queue(self) -> str:
        """Why wake-ups get lost, if they do: news then go out a second later."""
        try:
            if self._queue is not None:
                self._queue.waiting()
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
            return f"The queue does not answer: {type(error).__name__}."
        return ""

    def _tables(self) -> str:
        try:
            differ = migrate.behind(self._services.sessions.engine)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises
            return f"The tables cannot be looked at: {type(error).__name__}."
        return "The database does not have this release's tables: run `flask wallet setup`." if differ else ""


class Kept(Generic[Found]):
    """One looks, and what was seen counts for some seconds; who comes meanwhile waits for it."""

    def __init__(self, seconds: float, look: Callable[[], Found]) -> None:
        self._seconds, self._look = seconds, look
        self._lock = threading.Lock()
        self._until, self._found = 0.0, cast(Found, None)

    def __call__(self) -> Found:
        with self._lock:
            if monotonic() >= self._until:
                self._found = self._look()
                self._until = monotonic() + self._seconds
            return self._found


class Within:
    """A look that may hang: then that is what was found, and it is not begun a second time."""

    def __init__(self, seconds: float, look: Callable[[], str]) -> None:
        self._seconds, self._look = seconds, look
        self._crew: ThreadPoolExecutor | None = None
        self._pending: Future[str] | None = None

    def __call__(self) -> str:
        if self._crew is None:  # after the fork of a server, if it forks
            self._crew = ThreadPoolExecutor(1, thread_name_prefix="probe")
        if self._pending is None:
            self._pending = self._crew.submit(self._look)
        try:
            found = self._pending.result(self._seconds)
        except TooSlow:
            return f"No answer within {self._seconds:.0f} s."
        self._pending = None
        return found


def standing() -> Standing:
    return cast(Standing, current_app.extensions[EXTENSION])


def stand(app: Flask) -> None:
    app.extensions[EXTENSION] = Standing(app.extensions["wallet"], app.extensions.get(QUEUE))


def _lane_free(session: Session, now: datetime) -> timedelta | None:
    until = session.scalar(select(GoogleIssuer.lane_until).limit(1))
    return max(now - until, timedelta()) if until is not None else None
