"""`flask wallet quarantine`: what a restore lost, what can be brought back, and how to go on (S29)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from wallet_service.actions import audit, installation
from wallet_service.actions.import_file import BadLine
from wallet_service.actions.import_receipts import import_receipts
from wallet_service.actions.installation import Standing
from wallet_service.actions.services import Services
from wallet_service.cli.opened import opened
from wallet_service.cli.plural import so_many
from wallet_service.cli.reopening import open_up
from wallet_service.cli.who import who
from wallet_service.db.copies import copies_of
from wallet_service.db.tables import Card, LedgerEntry

MINUTE = "%Y-%m-%d %H:%M:%S"
BY_HAND = "Somebody put the database back by other means."
STEPS = """What to do before it is opened:
1. Let tills that booked without a network stay on: what waits in them is sent when it is open.
2. Purchases of the gap: `flask wallet quarantine import FILE.csv`, from the receipts of the tills, with the
   columns card, at, receipt, total or visits, store, till. What is there already counts once.
   A system that repeats itself through the API, with its receipt numbers, may do so after the opening.
3. `flask wallet quarantine open`: phones ask for everything once, and every card is told."""

quarantine = AppGroup("quarantine", help="After a restore: nothing is booked until somebody confirms.")


@quarantine.command("status")
def status() -> None:
    """Is it open, and what is missing?"""
    with opened() as services:
        with services.sessions.read() as session:
            stands = installation.standing(session)
            last = session.execute(select(func.max(LedgerEntry.recorded_at))).scalar()
            cards = session.scalar(select(func.count()).select_from(Card)) or 0
        _tell(stands, last, cards)


@quarantine.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(file: Path) -> None:
    """Book the purchases of FILE (CSV), each by itself and once; bad lines are told."""
    with opened() as services:
        now, new, there, bad = services.clock(), 0, 0, 0
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            for one in import_receipts(services.sessions, lines, services.wallets, now):
                if isinstance(one, BadLine):
                    click.echo(str(one))
                    bad += 1
                else:
                    new, there = new + (not one.repeated), there + one.repeated
    click.echo(f"Booked: {new}. Here already: {there}. Bad lines: {bad}.")
    if bad:
        raise SystemExit(1)


@quarantine.command("begin")
@click.option("--yes", is_flag=True, help="Do not ask.")
def begin(yes: bool) -> None:
    """Stop all booking and pushing, after the database was put back by other means than `restore`.

    Web service and worker have to be stopped.
    """
    with opened() as services:
        if not yes:
            click.confirm("Stop all booking and pushing until it is opened again?", abort=True)
        _require_alone(services)
        with services.sessions.begin(in_quarantine=True) as session:
            installation.begin_new_life(session, services.entropy, services.clock())
            installation.begin_quarantine(session, BY_HAND, services.clock())
            audit.write(session, who(), "quarantine-begun", "installation", {}, services.clock())
            session.flush()
            installation.remember(session, services.settings.data_dir)
    click.echo("It stands still. `flask wallet quarantine status` says what to do.")


@quarantine.command("open")
@click.option("--yes", is_flag=True, help="Do not ask.")
def open_command(yes: bool) -> None:
    """Book and push again: every phone asks for everything once, and every card is told."""
    with opened() as services:
        with services.sessions.read() as session:
            stands = installation.standing(session)
        if stands is None or stands.quarantined_at is None:
            raise click.ClickException("There is no quarantine.")
        if not yes:
            click.confirm("Is what can be brought back imported? Open for booking and pushing?", abort=True)
        told = open_up(services, who(), services.clock())
    are = "is" if told == 1 else "are"
    click.echo(
        f"It is open. {so_many(told, 'card')} {are} told, behind everything that happens at the tills."
    )


def _tell(stands: Standing | None, last: datetime | None, cards: int) -> None:
    if stands is None or stands.quarantined_at is None:
        click.echo("There is no quarantine.")
        return
    click.echo(f"In quarantine since {stands.quarantined_at:{MINUTE}} UTC: nothing is booked or pushed.")
    if stands.restored_from:
        gap = max(round((stands.quarantined_at - stands.restored_from).total_seconds() / 60), 0)
        missing = f"{so_many(gap, 'minute')} {'is' if gap == 1 else 'are'} missing, and what came since"
        click.echo(f"The backup is of {stands.restored_from:{MINUTE}} UTC: {missing}.")
    if last:
        click.echo(f"The last entry of the ledger is of {last:{MINUTE}} UTC.")
    click.echo(f"{so_many(cards, 'card')}; phones may show more than the ledger has, until it is open.")
    click.echo(STEPS)


def _require_alone(services: Services) -> None:
    services.sessions.close()
    if copies_of(services.settings.database_url).others():
        raise click.ClickException("Web service or worker have the database open. Stop them first.")
