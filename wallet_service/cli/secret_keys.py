"""`flask wallet secrets`: change WALLET_SECRET_KEY without pairing anything anew."""

from __future__ import annotations

import click

from wallet_service.actions import retired_keys
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.settings import from_environment


@click.group("secrets")
def secrets_group() -> None:
    """The secret keys of this installation."""


@secrets_group.command("status")
def status_command() -> None:
    """Which keys are in force, by name; never the keys."""
    with opened() as services, services.sessions.read() as session:
        given = from_environment().secret_keys
        retired = retired_keys.opened(session, given)
    click.echo(f"Signs: {retired_keys.name_of(given[0])}")
    for key in given[1:]:
        click.echo(f"In the setting, accepted: {retired_keys.name_of(key)}")
    for key in retired:
        click.echo(f"Retired, kept in the database: {retired_keys.name_of(key)}")


@secrets_group.command("rotate")
def rotate_command() -> None:
    """Retire all keys of WALLET_SECRET_KEY but the first; then the setting needs the first one only."""
    with opened() as services, services.sessions.begin() as session:
        given = from_environment().secret_keys
        kept = retired_keys.rotate(session, given, who(), services.clock())
    click.echo(f"Old keys kept in the database, locked with the new one: {kept}.")
    click.echo("Take them out of WALLET_SECRET_KEY and restart. Tills, apps and webhooks go on as they are.")


@secrets_group.command("forget")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_command(yes: bool) -> None:
    """Drop the retired keys, because one has leaked: what was paired under them is paired anew."""
    if not yes:
        click.confirm("What was paired before the last change is paired anew. Go on?", abort=True)
    with opened() as services, services.sessions.begin() as session:
        gone = retired_keys.forget(session, who(), services.clock())
    click.echo(f"Old keys gone: {gone}. Within a minute no process takes one; then pair anew what stays out.")
