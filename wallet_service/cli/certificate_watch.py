"""Certificates that end are told at the start, and again 60, 30, 14, 7, 3 and 1 days before."""

from __future__ import annotations

import logging
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.services import Services
from wallet_service.apple.signing.certificate_status import Standing, status
from wallet_service.db.tables import Alarm
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, open_alarms, raise_alarm
from wallet_service.push.public_certificate import trouble
from wallet_service.push.queue import Aside, Queue

log = logging.getLogger(__name__)

KIND, PUBLIC = "certificate", "public-certificate"


def certificate_jobs(services: Services, queue: Queue) -> None:
    tell_at_start(services)
    queue.every("watch_certificates", lambda: watch(services), minutes=60)
    queue.every("watch_public", Aside("public certificate", lambda: watch_public(services)), minutes=60)


def tell_at_start(services: Services) -> None:
    for one in _standings(services):
        if one.fault:
            log.error("%s: %s", one.pass_type, one.fault)
        elif one.mark is not None:
            log.warning("%s: %s", one.pass_type, _said(one))


def watch(services: Services) -> None:
    """One alarm for each certificate; at each of the days it is new, so that it is mailed anew. A fault is an
    alarm of its own, of the signing, and says nothing of how long the certificate lasts.
    """
    found = [one for one in _standings(services) if not one.waits]
    faulty = {one.pass_type for one in found if one.fault}
    ending = {_subject(one): one for one in found if one.mark is not None and not one.fault}
    with services.sessions.begin(in_quarantine=True) as session:
        for subject, one in ending.items():
            _raise(session, subject, one, services.clock())
        for alarm in open_alarms(session):
            of_faulty = alarm.subject.partition(" ")[0] in faulty
            if alarm.kind == KIND and alarm.subject not in ending and not of_faulty:
                clear_alarm(session, KIND, alarm.subject, services.clock())


def watch_public(services: Services) -> None:
    """What phones meet before they get to us. While nobody here can tell nothing changes, but of addresses
    that are ours no more.
    """
    url, now = services.settings.public_url, services.clock()
    found = trouble(url, now) if url.startswith("https:") else ""
    subject = (urlsplit(url).hostname or "")[:128]
    with services.sessions.begin(in_quarantine=True) as session:
        for alarm in open_alarms(session):
            if alarm.kind == PUBLIC and (found == "" or alarm.subject != subject):
                clear_alarm(session, PUBLIC, alarm.subject, now)
        if found:
            _forget_mark(session, PUBLIC, subject, found.partition(":")[0], now)
            raise_alarm(session, PUBLIC, subject, found, now)


def _standings(services: Services) -> list[Standing]:
    settings = services.settings
    return status(settings.certs_dir, services.clock(), settings.key_passphrase)


def _subject(one: Standing) -> str:
    return f"{one.pass_type} {one.certificate}"[:128]


def _said(one: Standing) -> str:
    mark = "today" if one.days_left < 1 else f"in {_days(one.days_left)}"
    return f"The {one.certificate} ends {mark}: renew it with `flask wallet certs csr`."


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _raise(session: Session, subject: str, one: Standing, now: datetime) -> None:
    since = f"{_days(one.mark or 0)} or less"
    _forget_mark(session, KIND, subject, since, now)
    said = f"{since}: {_said(one)}"
    raise_alarm(session, KIND, subject, Detail(said, "certificate/ends", days=max(one.days_left, 0)), now)


def _forget_mark(session: Session, kind: str, subject: str, since: str, now: datetime) -> None:
    """So that it is told anew at each of the days."""
    known = session.scalar(select(Alarm).where(Alarm.kind == kind, Alarm.subject == subject))
    if known is not None and not known.detail.startswith(f"{since}:"):
        known.cleared_at, known.mailed_at = known.cleared_at or now, None
