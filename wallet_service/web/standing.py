"""How this installation stands: looked at for probes, figures and people, and not more often than needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from wallet_service.actions import backups
from wallet_service.actions.back_up import last_made
from wallet_service.actions.services import Services
from wallet_service.apple.signing import certificate_status
from wallet_service.db import migrate
from wallet_service.db.tables import Alarm, GoogleIssuer, Registration
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Unavailable, WalletError
from wallet_service.push.alarm_watch import free_disk
from wallet_service.push.alarms import open_alarms
from wallet_service.push.backlog import Waiting, backlog, oldest_live
from wallet_service.push.other_clocks import OtherClocks
from wallet_service.push.queue import Queue
from wallet_service.web.kept import Kept, Within

EXTENSION, QUEUE = "wallet.standing", "wallet.queue"
FRESH, LONG = 5.0, 60.0  # seconds that a look counts; what is costly and moves slowly counts longer
WRITE_WITHIN = 1.0
LEAST_FREE = 0.05
READ = text("SELECT 1 FROM program")
WRITE = text("UPDATE installation SET life = life WHERE id = 1")


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
    """A certificate: the days that it lasts and how urgent that is, or what is wrong with it."""

    pass_type: str
    certificate: str
    days: int
    level: str
    fault: str

    @property
    def name(self) -> str:
        return f"{self.pass_type} {self.certificate}"

    @property
    def expired(self) -> bool:
        return isinstance(self.fault, Detail) and self.fault.case == "papers/expired"


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

    def clock(self) -> str:
        """Why it is not to be believed; empty while nobody says so."""
        return OtherClocks(self._services.settings.data_dir).doubt(self._services.clock())

    def backup(self) -> timedelta | None:
        """By the database, which knows it of all machines; None while it does not answer."""
        now = self._services.clock()
        try:
            made = last_made(self._services, now)
        except Unavailable:
            return None
        return max(now - made, timedelta()) if made else None

    def backup_size(self) -> int | None:
        """Bytes of the newest that lies on this machine."""
        found = backups.newest(self._services.settings.backup_dir, self._services.clock())
        try:
            return found.path.stat().st_size if found else None
        except OSError:
            return None

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
            return [Paper("", "", 0, "fault", error.detail)]
        return [Paper(one.pass_type, one.certificate, one.days_left, one.level, one.fault) for one in found]

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
            name = type(error).__name__
            return Detail(f"The queue does not answer: {name}.", "queue/silent", error=name)
        return ""

    def _tables(self) -> str:
        try:
            differ = migrate.behind(self._services.sessions.engine)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises
            name = type(error).__name__
            return Detail(f"The tables cannot be looked at: {name}.", "tables/unseen", error=name)
        old = "The database does not have this release's tables: run `flask wallet setup`."
        return Detail(old, "tables/old") if differ else ""


def standing() -> Standing:
    return cast(Standing, current_app.extensions[EXTENSION])


def stand(app: Flask) -> None:
    app.extensions[EXTENSION] = Standing(app.extensions["wallet"], app.extensions.get(QUEUE))


def _lane_free(session: Session, now: datetime) -> timedelta | None:
    until = session.scalar(select(GoogleIssuer.lane_until).limit(1))
    return max(now - until, timedelta()) if until is not None else None
