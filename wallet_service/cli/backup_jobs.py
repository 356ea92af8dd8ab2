"""What the worker does for the worst day: a backup every quarter of an hour, and what lies beside it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from wallet_service.actions import back_up, erasures, installation
from wallet_service.actions.services import Services
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.queue import Aside, Queue

log = logging.getLogger(__name__)

ALARM = SUBJECT = "backup"
JUST_NOW = timedelta(minutes=10)
SMALL = 200_000
"""Cards and entries up to which each backup is looked through; above, the first of a day."""


def backup_jobs(services: Services, queue: Queue) -> None:
    queue.every("backup", Aside("backup", lambda: quarterly(services)), minutes=15)
    queue.every("keep_beside", Aside("kept beside", Beside(services).keep), minutes=1, everywhere=True)


def quarterly(services: Services) -> None:
    """Unless another worker was quicker. What goes wrong is an alarm until a backup goes well."""
    now = services.clock()
    last = back_up.last_made(services, now)
    if last is not None and now - last < JUST_NOW:
        return
    try:
        made = back_up.back_up(services, now, check=_worth_a_look(services, last, now))
    except Exception as error:
        log.exception("the backup failed")
        why = getattr(error, "detail", str(error))
        _tell(services, Detail(f"The backup failed: {why}", "backup/failed", why=why), now)
        return
    findings = made.checked.findings if made.checked else ()
    if findings:
        said = f"{made.path.name} does not add up: {findings[0]}"
        _tell(services, Detail(said, "backup/amiss", file=made.path.name), now)
    else:
        _tell(services, None, now)


class Beside:
    """What a restore has to know although the backup does not: whom we forgot since, and how far we were."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._forgotten = erasures.KeptBeside(services.settings.backup_dir)

    def keep(self) -> None:
        self._forgotten.look(self._services.sessions)
        with self._services.sessions.read() as session:
            installation.remember(session, self._services.settings.data_dir)


def _worth_a_look(services: Services, last: datetime | None, now: datetime) -> bool:
    first_of_day = last is None or last.date() < now.date()
    return first_of_day or back_up.size(services) <= SMALL


def _tell(services: Services, fault: str | None, now: datetime) -> None:
    with services.sessions.begin(in_quarantine=True) as session:
        if fault:
            raise_alarm(session, ALARM, SUBJECT, fault, now)
        else:
            clear_alarm(session, ALARM, SUBJECT, now)
