"""`flask wallet campaign`: changes on their way to all cards of a program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import sleep
from typing import Any, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from wallet_service.actions import campaign_changes, campaigns
from wallet_service.actions.campaign_start import start as start_campaign
from wallet_service.actions.services import Services
from wallet_service.cli.doctor import template_fault
from wallet_service.cli.opened import opened
from wallet_service.cli.progress import progress
from wallet_service.cli.who import who
from wallet_service.db.tables import Campaign
from wallet_service.db.tables.campaigns import OPEN, RUNNING
from wallet_service.domain.errors import UnknownProgram
from wallet_service.domain.rollout import ALL, Plan
from wallet_service.settings import Settings, are_hours

SHOWN = 50
LOOK_EVERY = 1.0  # seconds
NEVER = "never"
WAITS = {
    campaigns.QUIET: "It waits until the quiet hours are over.",
    campaigns.WATCH: "It watches the phones before the next step.",
}
Command = TypeVar("Command", bound=Callable[..., Any])

campaign = AppGroup("campaign", help="Watch and steer a change on its way to all cards.")
yes = click.option("--yes", is_flag=True, help="Do not ask.")
dry_run = click.option("--dry-run", is_flag=True, help="Say how many cards it is, and do nothing.")


def plan_options(command: Command) -> Command:
    """What a command takes that starts a campaign; `plan_of` reads it."""
    for option in (
        click.option(
            "--quiet", metavar="HH:MM-HH:MM", help=f"No phones in these hours; {NEVER!r}: at any hour."
        ),
        click.option("--rate", type=int, help="Cards a second; 0: as fast as it goes."),
        click.option("--watch", type=int, default=0, help="Minutes of watching phones between two steps."),
        click.option("--steps", default=str(ALL), show_default=True, help="Percents, such as 1,10,100."),
    ):
        command = option(command)
    return command


def plan_of(settings: Settings, steps: str, watch: int, rate: int | None, quiet: str | None) -> Plan:
    """What the settings say, unless the command says otherwise."""
    percents = [part.strip() for part in steps.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in percents):
        raise click.UsageError(f"--steps {steps} are no percents. Write such as 1,10,100.")
    if quiet is not None and quiet != NEVER and not are_hours(quiet):
        raise click.UsageError(f"--quiet {quiet} are no hours. Write two times of day, such as 22:00-08:00.")
    hours = settings.quiet_hours if quiet is None else None if quiet == NEVER else quiet
    pace = settings.campaign_rate if rate is None else rate
    return Plan(pace, hours, tuple(int(part) for part in percents), watch)


@campaign.command("list")
def list_all() -> None:
    """One line each, newest first: program, version, state, how far it is."""
    with opened() as services, services.sessions.read() as session:
        rows = campaigns.all_campaigns(session, SHOWN)
        if not rows:
            click.echo("Nothing went out to all cards yet.")
        for row in rows:
            click.echo(f"{row.program.slug}  version {row.to_version}  {row.state}  {_share(row)}")


@campaign.command("show")
@click.argument("program")
@click.option("--follow", is_flag=True, help="Until it is through, or stands still.")
def show(program: str, follow: bool) -> None:
    """How far the newest campaign of PROGRAM is, and why it stands still."""
    with opened() as services:
        if follow:
            _follow(services, program)
        with services.sessions.read() as session:
            row = campaigns.newest(session, program)
            for line in [*_told(row), *_waits(session, row, services.clock())]:
                click.echo(line)


@campaign.command("start")
@click.argument("program")
@plan_options
@dry_run
@yes
def start(program: str, dry_run: bool, yes: bool, **plan: Any) -> None:
    """Let all cards of PROGRAM be fetched anew, as after a change in the folder of its template."""
    with opened() as services:
        wanted = plan_of(services.settings, **plan)
        with services.sessions.read() as session:
            meant, look = campaigns.meant(session, program), campaigns.template_in_force(session, program)
        if fault := template_fault(services, look):
            raise click.ClickException(f"{fault} Nothing was started.")
        if dry_run:
            click.echo(f"{_cards(meant)} would hear of it.")
            return
        _ask(f"{_cards(meant)} will hear of it. Go on?", yes)
        with services.sessions.begin() as session:
            started = start_campaign(session, program=program, plan=wanted, actor=who(), now=services.clock())
        click.echo(begun(program, started))


@campaign.command("pause")
@click.argument("program")
def pause(program: str) -> None:
    """Raise no more marks for the newest campaign of PROGRAM."""
    with opened() as services, services.sessions.begin() as session:
        row = campaign_changes.pause(session, program=program, actor=who(), now=services.clock())
        click.echo(f"It is paused: {_share(row)}.")


@campaign.command("resume")
@click.argument("program")
def resume(program: str) -> None:
    """Go on with a campaign that was paused, or halted because phones complained."""
    with opened() as services, services.sessions.begin() as session:
        row = campaign_changes.resume(session, program=program, actor=who(), now=services.clock())
        click.echo(f"It goes on: {_share(row)}.")


@campaign.command("rollback")
@click.argument("program")
@dry_run
@yes
def roll_back(program: str, dry_run: bool, yes: bool) -> None:
    """Put the version of before in force again, and tell the cards that were marked."""
    with opened() as services:
        with services.sessions.read() as session:
            cards = campaign_changes.rolled_back_cards(session, program)
            old = campaign_changes.template_before(session, program)
        if fault := template_fault(services, old):
            raise click.ClickException(f"{fault} Nothing was rolled back.")
        if dry_run:
            click.echo(f"{_cards(cards)} would go back.")
            return
        _ask(f"{_cards(cards)} will go back. Go on?", yes)
        with services.sessions.begin() as session:
            version, told = campaign_changes.roll_back(
                session, program=program, actor=who(), now=services.clock()
            )
        click.echo(f"{program} version {version} is in force; {_cards(told)} go back.")


def would_hear(services: Services, program: str) -> str:
    """None of them, of a program that is not there yet."""
    with services.sessions.read() as session:
        try:
            return f"{_cards(campaigns.meant(session, program))} would hear of it."
        except UnknownProgram:
            return f"{program} would be new: nobody has to hear of it."


def begun(program: str, started: Campaign | None) -> str:
    if started is None:
        return f"{program} has no cards yet: nobody has to hear of it."
    return f"{_cards(started.total)} will hear of it; `flask wallet campaign show {program} --follow` tells."


def _follow(services: Services, program: str) -> None:
    done, total, state = _look(services, program)
    _say_why_it_waits(services, program)
    with progress(program, total, "cards") as bar:
        bar.on(done)
        while state == RUNNING:
            sleep(LOOK_EVERY)
            now, _, state = _look(services, program)
            bar.on(now - done)
            done = now


def _look(services: Services, program: str) -> tuple[int, int, str]:
    with services.sessions.read() as session:
        row = campaigns.newest(session, program)
        return row.marked, row.total, row.state


def _say_why_it_waits(services: Services, program: str) -> None:
    """Beside a bar that does not move."""
    with services.sessions.read() as session:
        for line in _waits(session, campaigns.newest(session, program), services.clock()):
            click.echo(line, err=True)


def _told(row: Campaign) -> list[str]:
    told = [f"{row.program.slug} version {row.to_version}: {row.state}, {_share(row)}."]
    if row.state in OPEN and row.steps != [ALL]:
        steps = ", ".join(f"{step} %" for step in row.steps)
        told.append(
            f"Steps {steps}; now {row.percent} %. Minutes of watching after each: {row.watch_minutes}."
        )
    if row.state in OPEN and row.quiet:
        told.append(f"Nobody is woken from {row.quiet.replace('-', ' to ')}.")
    if row.reason:
        told.append(row.reason)
    return told


def _waits(session: Session, row: Campaign, now: datetime) -> list[str]:
    waits_for = campaigns.waits_for(session, row, now)
    return [WAITS[waits_for]] if waits_for else []


def _share(row: Campaign) -> str:
    return f"{row.marked} of {_cards(row.total)}"


def _cards(number: int) -> str:
    return "1 card" if number == 1 else f"{number} cards"


def _ask(question: str, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True)
