"""`flask wallet program`: programs and their versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import audit, program_body, publish
from wallet_service.actions.campaign_start import start
from wallet_service.actions.services import Services
from wallet_service.cli import doctor
from wallet_service.cli.campaigns import begun, dry_run, plan_of, plan_options, would_hear
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.db.tables import Campaign, ProgramRow, ProgramVersion
from wallet_service.domain.rollout import Plan

NOTHING = "Nothing was published."

program = AppGroup("program", help="Programs and their versions.")


@program.command("publish")
@click.argument("names", nargs=-1, required=True, metavar="[SLUG] FILE")
@plan_options
@dry_run
def publish_command(names: tuple[str, ...], dry_run: bool, **plan: Any) -> None:
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
        number, started = _publish(services, slug, body, wanted)
    click.echo(f"{slug} version {number} is in force.")
    if started is not None:
        click.echo(begun(slug, started))


def _publish(
    services: Services, slug: str, body: dict[str, object], wanted: Plan
) -> tuple[int, Campaign | None]:
    now, actor = services.clock(), who()
    with services.sessions.begin() as session:
        before = _version(session, slug)
        number = publish.publish(session, slug=slug, body=body, now=now)
        if number != before:
            audit.write(session, actor, "program-published", f"program:{slug}", {"version": number}, now)
        before = before or number
        return number, start(session, program=slug, before=before, plan=wanted, actor=actor, now=now)


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


@program.command("list")
def list_command() -> None:
    """One line each: slug and the version in force."""
    with opened() as services, services.sessions.read() as session:
        for row in session.scalars(select(ProgramRow).order_by(ProgramRow.slug)):
            click.echo(f"{row.slug}  version {row.version}")


@program.command("show")
@click.argument("slug")
def show_command(slug: str) -> None:
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
