"""`flask wallet webhook`: which systems of the shop hear what happens."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from wallet_service.actions import webhooks
from wallet_service.actions.services import Services
from wallet_service.actions.webhooks import Keeper
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.push.webhooks.messages import EVENTS

webhook = AppGroup("webhook", help="Tell systems of the shop what happens.")


@webhook.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--event", "events", multiple=True, type=click.Choice(EVENTS), help="Left out: all of them.")
def add(name: str, url: str, events: tuple[str, ...]) -> None:
    """Call URL with what happens, and print the secret that signs, once."""
    with opened() as services, services.sessions.begin() as session:
        now = services.clock()
        added = webhooks.add_webhook(session, keeper(services), name=name, url=url, events=events, now=now)
    click.echo(added.secret)


@webhook.command("list")
def list_all() -> None:
    """One line each: number, name, on or off, how many messages wait, the address."""
    with opened() as services, services.sessions.read() as session:
        for row, waiting in webhooks.all_webhooks(session):
            state = "off" if row.disabled_at else "on"
            click.echo(f"{row.id}  {row.name}  {state}  {waiting} waiting  {row.url.partition('?')[0]}")


@webhook.command("remove")
@click.argument("number", type=int)
def remove(number: int) -> None:
    """Call the address with this NUMBER no more, and forget its log."""
    with opened() as services, services.sessions.begin() as session:
        webhooks.remove(session, webhook=number, actor=who(), now=services.clock())
    click.echo("It is removed.")


def keeper(services: Services) -> Keeper:
    settings = services.settings
    return Keeper(who(), settings.secret_keys, settings.sandbox, services.entropy)
