"""Says what is wrong with an installation, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from wallet_service.actions.services import Services
from wallet_service.apple.certificate_status import status
from wallet_service.db import migrate
from wallet_service.db.tables import Outbox
from wallet_service.push.alarms import open_alarms

LATE = timedelta(minutes=2)


def examine(services: Services) -> list[str]:
    """One sentence per finding; an empty list when all is well."""
    if migrate.differences(services.sessions.engine):
        return ["The database does not have this release's tables: run `flask wallet setup`."]
    return [*_alarms(services), *_outbox(services), *_certificates(services)]


def _alarms(services: Services) -> Iterator[str]:
    with services.sessions.read() as session:
        for alarm in open_alarms(session):
            yield f"{alarm.subject}: {alarm.detail} (since {alarm.raised_at:%Y-%m-%d %H:%M} UTC)"


def _outbox(services: Services) -> Iterator[str]:
    late = services.clock() - LATE
    with services.sessions.read() as session:
        due = (Outbox.told < Outbox.wanted) & Outbox.parked.is_(False) & (Outbox.due_at < late)
        waiting = session.scalar(select(func.count()).select_from(Outbox).where(due)) or 0
        parked = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.parked.is_(True))) or 0
    if waiting:
        yield f"{waiting} cards wait for their push for over two minutes: is `flask wallet worker` running?"
    if parked:
        yield f"{parked} cards could not be told after many tries; they are tried once a day."


def _certificates(services: Services) -> Iterator[str]:
    settings = services.settings
    found = status(settings.certs_dir, services.clock(), settings.key_passphrase)
    if not found:
        yield f"There is no certificate in {settings.certs_dir}: see `flask wallet certs csr`."
    for standing in found:
        if standing.fault:
            yield f"{standing.pass_type}: {standing.fault}"
        elif standing.level != "good":
            yield (
                f"{standing.pass_type}: the {standing.certificate} lasts {standing.days_left} more days; "
                "renew it with `flask wallet certs csr`."
            )
