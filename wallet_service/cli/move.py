"""`flask wallet move`: the whole database into another one, such as from SQLite to PostgreSQL."""

from __future__ import annotations

import click
from sqlalchemy.engine import make_url

from wallet_service.actions import installation
from wallet_service.actions.back_up import look_through
from wallet_service.actions.services import Services
from wallet_service.cli.opened import opened
from wallet_service.cli.plural import so_many
from wallet_service.cli.progress import progress
from wallet_service.db import migrate, move
from wallet_service.db.copies import copies_of
from wallet_service.db.session import Sessions
from wallet_service.domain.errors import Misconfigured, Unavailable

MOVED = "The database was moved to another place."


@click.command("move")
@click.argument("target_url")
@click.option("--yes", is_flag=True, help="Do not ask.")
def move_command(target_url: str, yes: bool) -> None:
    """Copy every row to the empty database TARGET_URL, compare, and close this one.

    Web service and worker have to be stopped. Nothing is lost on the way, so there is no quarantine there.
    """
    with opened() as services:
        shown = make_url(target_url).render_as_string()
        if not yes:
            click.confirm(f"Move everything to {shown}? This database stands still afterwards.", abort=True)
        _require_alone(services)
        target = Sessions(target_url)
        try:
            _move(services, target)
            _compare(services, target, target_url)
            _settle_in(services, target)
        finally:
            target.close()
    click.echo(f"Moved. Set WALLET_DATABASE_URL to {shown} and start web service and worker.")


def _require_alone(services: Services) -> None:
    services.sessions.close()
    if copies_of(services.settings.database_url).others():
        raise Unavailable("Web service or worker have the database open. Stop them first.")


def _move(services: Services, target: Sessions) -> None:
    migrate.upgrade(services.sessions.engine)
    migrate.upgrade(target.engine)
    if not move.is_empty(target.engine):
        raise Misconfigured("The other database is not empty. Name a new one.")
    total = sum(move.counts(services.sessions.engine).values())
    with progress("Moving", total, "rows") as shown:
        for part in move.copy_all(services.sessions.engine, target.engine):
            shown.on(part)


def _compare(services: Services, target: Sessions, target_url: str) -> None:
    ours, theirs = (move.counts(one.engine) for one in (services.sessions, target))
    differing = [name for name in ours if ours[name] != theirs[name]]
    if differing:
        raise Unavailable(f"Not every row of {', '.join(differing)} arrived. Go on with the old one.")
    checked = look_through(target_url, services.wallets)
    if checked.amiss:
        before = look_through(services.settings.database_url, services.wallets)
        if checked.amiss > before.amiss:
            raise Unavailable(f"The moved ledger does not add up: {checked.findings[0]}")
    rows, cards = so_many(sum(ours.values()), "row"), so_many(checked.cards, "card")
    click.echo(f"All there: {rows}, {cards}, {so_many(checked.entries, 'entry', 'entries')}.")


def _settle_in(services: Services, target: Sessions) -> None:
    """The old one first: never may both be booked in."""
    now, folder = services.clock(), services.settings.data_dir
    with services.sessions.begin(in_quarantine=True) as session:
        installation.settle_in(session, folder, services.entropy, now)
        installation.begin_quarantine(session, MOVED, now)
    installation.forget_place(folder)
    with target.begin(in_quarantine=True) as session:
        installation.settle_in(session, folder, services.entropy, now)
