"""Says what is wrong with an installation, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from wallet_service.actions import programs
from wallet_service.actions.services import Services
from wallet_service.apple.service.template_shelf import TemplateShelf
from wallet_service.apple.signing.certificate_status import status
from wallet_service.db import migrate
from wallet_service.db.tables import Outbox, ProgramRow
from wallet_service.domain.errors import Misconfigured, WalletError
from wallet_service.push.alarms import open_alarms
from wallet_service.settings import BadSetting
from wallet_service.wiring import require_open_keys, require_safe_keys, require_safe_place

LATE = timedelta(minutes=2)


def examine(services: Services) -> list[str]:
    """One sentence per finding; an empty list when all is well."""
    if migrate.differences(services.sessions.engine):
        return ["The database does not have this release's tables: run `flask wallet setup`."]
    checks = (_refused_start, _alarms, _outbox, _certificates, _templates)
    return [finding for check in checks for finding in check(services)]


def _refused_start(services: Services) -> Iterator[str]:
    """What web service and worker would say instead of starting."""
    for required in (require_safe_place, require_open_keys):
        try:
            required(services.settings)
        except Misconfigured as fault:
            yield fault.detail
    try:
        require_safe_keys(services.settings, services.clock())
    except BadSetting as problem:
        yield str(problem)
    except WalletError:
        pass  # a key; its certificate's own finding names it


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


def _templates(services: Services) -> Iterator[str]:
    with services.sessions.read() as session:
        slugs = session.scalars(select(ProgramRow.slug).order_by(ProgramRow.slug)).all()
        templates = {slug: programs.current(session, slug)[0].template for slug in slugs}
    for slug, template in templates.items():
        if fault := template_fault(services, template):
            yield f"Cards of the program {slug} cannot be issued. {fault}"


def template_fault(services: Services, template: str) -> str | None:
    """Why no pass can be made with this template, if so."""
    try:
        TemplateShelf(services.settings.templates_dir, services.clock).look(template)
    except Misconfigured as fault:
        return fault.detail
    return None
