"""The group `flask wallet`, and the short commands in it."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from wallet_service.actions.services import Services
from wallet_service.cli import doctor, google
from wallet_service.cli import ledger as ledger_commands
from wallet_service.cli.alarms import alarm_group
from wallet_service.cli.api_keys import api_key_group
from wallet_service.cli.audit import audit_group
from wallet_service.cli.backup import backup_command, restore_command
from wallet_service.cli.campaigns import campaign
from wallet_service.cli.certs import certs
from wallet_service.cli.destruction import act_command
from wallet_service.cli.incident import incident_group
from wallet_service.cli.keys import keys
from wallet_service.cli.move import move_command
from wallet_service.cli.opened import opened, told
from wallet_service.cli.programs import program
from wallet_service.cli.quarantine import quarantine
from wallet_service.cli.retention import member_group
from wallet_service.cli.run import run_command
from wallet_service.cli.secret_keys import secrets_group
from wallet_service.cli.setup import set_up, set_up_sandbox
from wallet_service.cli.staff import staff_group
from wallet_service.cli.template import template
from wallet_service.cli.webhooks import webhook
from wallet_service.cli.why import why_command
from wallet_service.cli.worker import worker_command
from wallet_service.settings import from_environment

wallet = AppGroup("wallet", help="Run and look after the loyalty cards.")
wallet.add_command(alarm_group)
wallet.add_command(api_key_group)
wallet.add_command(audit_group)
wallet.add_command(secrets_group)
wallet.add_command(incident_group)
wallet.add_command(member_group)
member_group.add_command(act_command)
wallet.add_command(campaign)
wallet.add_command(certs)
wallet.add_command(program)
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
