"""`flask wallet certs canary`, `switch`, `rollback`, `relock`: renewing without a bad day."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import renewal
from wallet_service.apple.waking import canary as trying
from wallet_service.cli.certs_common import folder_in_use, now, or_complain, passphrase
from wallet_service.settings import Settings, from_environment
from wallet_service.wiring import build_services

pass_type_argument = click.argument("pass_type")


@click.command("canary")
@folder_in_use
@pass_type_argument
@click.option("--card", metavar="SERIAL", help="This card is signed with it at once; its phones are woken.")
def canary(certs_dir: Path, pass_type: str, card: str | None) -> None:
    """Try the certificate that waits: sign, verify, push; nobody else's card changes."""
    or_complain(lambda: _try(certs_dir, pass_type, card))
    click.echo(f"It works. When you are content: flask wallet certs switch {pass_type}")


def _try(certs_dir: Path, pass_type: str, card: str | None) -> None:
    settings, moment = from_environment(), now()
    waits = renewal.waiting(certs_dir, pass_type, moment, passphrase())
    click.echo(f"{waits.certificate_file.name}: {trying.signs(waits, now)}")
    phones = _phones(settings, card, pass_type) if card else []
    said = trying.pushes(waits, phones, moment, url=settings.apns_url, ca_file=settings.apns_ca_file)
    click.echo(said)
    if card:
        renewal.let_try(certs_dir, pass_type, card)
        click.echo(f"The card {card} is signed with it from now on: book on it, and look at the phone.")
    renewal.prove(certs_dir, pass_type, moment)


def _phones(settings: Settings, card: str, pass_type: str) -> Sequence[str]:
    services = build_services(settings)
    with closing(services.sessions), services.sessions.read() as session:
        return trying.phones_of(session, card, pass_type)


@click.command("switch")
@folder_in_use
@pass_type_argument
@click.option("--untried", is_flag=True, help="Also when no canary has tried it.")
def switch(certs_dir: Path, pass_type: str, untried: bool) -> None:
    """Sign and push with the certificate that waits."""
    name = or_complain(lambda: renewal.switch(certs_dir, pass_type, now(), untried=untried))
    click.echo(f"{pass_type} is signed with {name} now; within half a minute in every process.")
    click.echo(f"Back again: flask wallet certs rollback {pass_type}")


@click.command("rollback")
@folder_in_use
@pass_type_argument
def rollback(certs_dir: Path, pass_type: str) -> None:
    """Go back to the certificate before."""
    name = or_complain(lambda: renewal.roll_back(certs_dir, pass_type, now(), passphrase()))
    click.echo(f"{pass_type} is signed with {name} again; the other one waits.")


@click.command("relock")
@folder_in_use
def relock(certs_dir: Path) -> None:
    """Lock all keys with the first line of WALLET_KEY_PASSPHRASE_FILE; the second line opened them."""
    count = or_complain(lambda: files.relock(certs_dir, passphrase()))
    click.echo(f"Keys locked with the new passphrase: {count}. Take the old line out of the file.")
