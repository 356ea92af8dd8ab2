"""The group `flask wallet`, and the short commands in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import program_body, publish
from wallet_service.actions.campaign_start import start
from wallet_service.actions.services import Services
from wallet_service.cli import doctor, google
from wallet_service.cli import ledger as ledger_commands
from wallet_service.cli.alarms import alarm_group
from wallet_service.cli.api_keys import api_key_group
from wallet_service.cli.audit import audit_group
from wallet_service.cli.backup import backup_command, restore_command
from wallet_service.cli.campaigns import begun, campaign, dry_run, plan_of, plan_options, would_hear
from wallet_service.cli.certs import certs
from wallet_service.cli.keys import keys
from wallet_service.cli.move import move_command
from wallet_service.cli.opened import opened, told
from wallet_service.cli.quarantine import quarantine
from wallet_service.cli.retention import member_group
from wallet_service.cli.run import run_command
from wallet_service.cli.secret_keys import secrets_group
from wallet_service.cli.setup import set_up, set_up_sandbox
from wallet_service.cli.staff import staff_group
from wallet_service.cli.template import template
from wallet_service.cli.webhooks import webhook
from wallet_service.cli.who import who
from wallet_service.cli.why import why_command
from wallet_service.cli.worker import worker_command
from wallet_service.db.tables import ProgramRow, ProgramVersion
from wallet_service.settings import from_environment

NOTHING = "Nothing was published."

wallet = AppGroup("wallet", help="Run and look after the loyalty cards.")
wallet.add_command(alarm_group)
wallet.add_command(api_key_group)
wallet.add_command(audit_group)
wallet.add_command(secrets_group)
wallet.add_command(member_group)
wallet.add_command(campaign)
wallet.add_command(certs)
wallet.add_command(template)
wallet.add_command(staff_group)
wallet.add_command(webhook)
wallet.add_command(why_command)
wallet.add_command(worker_command)
wallet.add_command(backup_command)
wallet.add_command(restore_command)
wallet.add_command(quarantine)
wallet.add_command(keys)
wallet.add_command(move_command)
wallet.add_command(run_command(set_up_sandbox))
wallet.add_command(ledger_commands.check_ledger_command)
wallet.add_command(ledger_commands.export_command)
wallet.add_command(ledger_commands.import_command)
wallet.add_command(ledger_commands.erase_command)


@wallet.command("setup")
def setup_command() -> None:
    """Bring database and, in sandbox mode, certificates and the demo program up to date."""
    with told():
        settings = from_environment()
        set_up_sandbox(settings) if settings.sandbox else set_up(settings)


@wallet.command("doctor")
@click.argument("part", type=click.Choice(["google"]), required=False)
def doctor_command(part: str | None) -> None:
    """What is wrong, in plain words; exit code 1 when something is. With "google": each step there."""
    with opened() as services:
        findings = _google_steps(services) if part else doctor.examine(services)
    for finding in findings:
        click.echo(finding)
    if findings:
        raise SystemExit(1)
    click.echo("All is well.")


def _google_steps(services: Services) -> list[str]:
    """Shown as they are taken, because each is a call."""
    for step in google.steps(services):
        click.echo(step.told)
        if not step.good:
            raise SystemExit(1)
    return []


@wallet.group("program")
def program_group() -> None:
    """Programs and their versions."""


@program_group.command("publish")
@click.argument("names", nargs=-1, required=True, metavar="[SLUG] FILE")
@plan_options
@dry_run
def program_publish(names: tuple[str, ...], dry_run: bool, **plan: Any) -> None:
    """Put the program in FILE (JSON) in force, and let its cards hear of it.

    Without a SLUG the program is called as the file is: coffee.json makes coffee. Every fault is told with
    its place and the remedy; nothing is published while there is one.
    """
    slug, file = _named(names)
    with opened() as services:
        wanted = plan_of(services.settings, **plan)
        body = _without_faults(_json(file))
        publish.require_slug(slug)
        _require_template(services, program_body.program(slug, 1, body).template)
        if dry_run:
            click.echo(would_hear(services, slug))
            return
        with services.sessions.begin() as session:
            before = _version(session, slug)
            number = publish.publish(session, slug=slug, body=body, now=services.clock())
            started = start(
                session,
                program=slug,
                before=before or number,
                plan=wanted,
                actor=who(),
                now=services.clock(),
            )
    click.echo(f"{slug} version {number} is in force.")
    if started is not None:
        click.echo(begun(slug, started))


def _version(session: Session, slug: str) -> int | None:
    return session.scalar(select(ProgramRow.version).where(ProgramRow.slug == slug))


def _named(names: tuple[str, ...]) -> tuple[str, Path]:
    file = Path(names[-1])
    if len(names) > 2:
        raise click.UsageError("Name one program and one file: publish [SLUG] FILE.")
    if not file.is_file():
        raise click.UsageError(f"There is no file {file}. {NOTHING}")
    return (names[0] if len(names) == 2 else file.stem), file


def _json(file: Path) -> dict[str, object]:
    try:
        body = json.loads(file.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise click.ClickException(f"{file} is no JSON: {place}: {fault.msg}. {NOTHING}") from fault
    except UnicodeDecodeError as fault:
        raise click.ClickException(f"{file} is not UTF-8: byte {fault.start}. {NOTHING}") from fault
    except ValueError as fault:
        raise click.ClickException(f"{file} holds a number without end. {NOTHING}") from fault
    except RecursionError as fault:
        raise click.ClickException(f"{file} is nested too deeply. {NOTHING}") from fault
    if not isinstance(body, dict):
        raise click.ClickException(f"{file} has to hold one JSON object. {NOTHING}")
    return body


def _without_faults(body: dict[str, object]) -> dict[str, object]:
    faults = program_body.faults(body)
    for fault in faults:
        click.echo(str(fault))
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise click.ClickException(f"The program has {count}. {NOTHING}")
    return body


def _require_template(services: Services, template: str) -> None:
    """A mistyped name would leave every card of the program without its pass."""
    if fault := doctor.template_fault(services, template):
        raise click.ClickException(f"{fault} {NOTHING}")


@program_group.command("list")
def program_list() -> None:
    """One line each: slug and the version in force."""
    with opened() as services, services.sessions.read() as session:
        for row in session.scalars(select(ProgramRow).order_by(ProgramRow.slug)):
            click.echo(f"{row.slug}  version {row.version}")


@program_group.command("show")
@click.argument("slug")
def program_show(slug: str) -> None:
    """The JSON body of the version in force."""
    with opened() as services, services.sessions.read() as session:
        body = session.scalar(
            select(ProgramVersion.body)
            .join(ProgramRow, ProgramRow.id == ProgramVersion.program_id)
            .where(ProgramRow.slug == slug, ProgramRow.version == ProgramVersion.number)
        )
    if body is None:
        raise click.ClickException(f"There is no program {slug}. `flask wallet program list` names them.")
    click.echo(json.dumps(body, ensure_ascii=False, indent=2))
