"""Certificates that end are told at the start, and again 60, 30, 14, 7, 3 and 1 days before."""

from __future__ import annotations

import logging

from sqlalchemy import select

from wallet_service.actions.services import Services
from wallet_service.apple.signing.certificate_status import Standing, status
from wallet_service.db.tables import Alarm
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.queue import Queue

log = logging.getLogger(__name__)

KIND = "certificate"


def certificate_jobs(services: Services, queue: Queue) -> None:
    tell_at_start(services)
    queue.every("watch_certificates", lambda: watch(services), minutes=60)


def tell_at_start(services: Services) -> None:
    for one in _standings(services):
        if one.fault:
            log.error("%s: %s", one.pass_type, one.fault)
        elif one.mark is not None:
            log.warning("%s: %s", one.pass_type, _said(one))


def watch(services: Services) -> None:
    """One alarm for each certificate; at each of the days it is new, so that it is mailed anew."""
    for one in _standings(services):
        subject = f"{one.pass_type} {one.certificate}"[:128]
        if one.waits or one.fault:
            continue  # a fault is an alarm of its own, of the signing
        if one.mark is None:
            _clear(services, subject)
        else:
            _raise(services, subject, one)


def _standings(services: Services) -> list[Standing]:
    settings = services.settings
    return status(settings.certs_dir, services.clock(), settings.key_passphrase)


def _said(one: Standing) -> str:
    mark = "today" if one.days_left < 1 else f"in {one.days_left} days"
    return f"The {one.certificate} ends {mark}: renew it with `flask wallet certs csr`."


def _raise(services: Services, subject: str, one: Standing) -> None:
    detail = f"{one.mark} days or less: {_said(one)}"
    with services.sessions.begin() as session:
        known = session.scalar(select(Alarm).where(Alarm.kind == KIND, Alarm.subject == subject))
        if known is not None and not known.detail.startswith(f"{one.mark} days or less:"):
            known.cleared_at, known.mailed_at = known.cleared_at or services.clock(), None
        raise_alarm(session, KIND, subject, detail, services.clock())


def _clear(services: Services, subject: str) -> None:
    with services.sessions.begin() as session:
        clear_alarm(session, KIND, subject, services.clock())
