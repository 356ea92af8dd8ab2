"""`flask wallet audit`: who did what beside the ledger, whether that record is whole, and its jobs."""

from __future__ import annotations

import json

import click

from wallet_service.actions import audit_chain
from wallet_service.actions.services import Services
from wallet_service.cli.heads_mail import mail_heads
from wallet_service.cli.opened import opened
from wallet_service.domain.detail import Detail
from wallet_service.google.reconcile import is_night
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.queue import Aside, Queue

ALARM = SUBJECT = "audit"
NOTHING = (
    "Nothing is written down of that. Subjects are such as card:SERIAL, till:2, staff:3, program:coffee; "
    "actors such as staff:3 and command:olga. Without options the newest lines are shown."
)


def audit_jobs(services: Services, queue: Queue) -> None:
    queue.every("seal_audit", lambda: seal(services), minutes=1)
    queue.every("verify_audit", Aside("audit check", lambda: _at_night(services)), minutes=60)


def seal(services: Services) -> None:
    done = audit_chain.SLICE
    while done == audit_chain.SLICE:
        with services.sessions.begin(in_quarantine=True) as session:
            done = audit_chain.seal(session, services.clock())


def check(services: Services) -> None:
    """What is found is an alarm until a night finds nothing any more."""
    with services.sessions.read() as session:
        found = audit_chain.verify(session, services.clock()).faults
    with services.sessions.begin(in_quarantine=True) as session:
        if found:
            said = f"The audit is not whole: {found[0]} `flask wallet audit verify` tells all."
            detail = Detail(said, "audit/broken", faults=len(found))
            raise_alarm(session, ALARM, SUBJECT, detail, services.clock())
        else:
            clear_alarm(session, ALARM, SUBJECT, services.clock())


def _at_night(services: Services) -> None:
    if is_night(services.clock()):
        check(services)
        mail_heads(services)


@click.group("audit")
def audit_group() -> None:
    """What people who work here looked up or changed beside the ledger."""


@audit_group.command("list")
@click.option("--actor", help='As in "staff:3".')
@click.option("--subject", help='As in "till:2" or "card:...".')
@click.option("--limit", default=50, show_default=True)
def list_command(actor: str | None, subject: str | None, limit: int) -> None:
    """The newest lines."""
    with opened() as services, services.sessions.read() as session:
        found = audit_chain.lines(session, actor=actor, subject=subject, limit=limit)
        if not found:
            click.echo(NOTHING)
        for line in found:
            detail = json.dumps(line.detail, ensure_ascii=False)
            click.echo(f"{line.at:%Y-%m-%d %H:%M:%S}  {line.actor}  {line.verb}  {line.subject}  {detail}")


@audit_group.command("verify")
@click.option("--head", default="", help="A head that you noted before, on paper or in a mail.")
def verify_command(head: str) -> None:
    """Compare every line with its seal; exit code 1 when something was changed or taken away."""
    with opened() as services:
        seal(services)
        with services.sessions.read() as session:
            found = audit_chain.verify(session, services.clock(), head)
    for fault in found.faults:
        click.echo(fault)
    if found.faults:
        raise click.ClickException("The audit is not whole.")
    click.echo(f"{found.lines} lines are whole. Head: {found.head or 'none yet'}")
