"""The group `flask wallet staff`: who works here, from the terminal of the machine."""

from __future__ import annotations

import io

import click
from qrcode.main import QRCode
from sqlalchemy.orm import Session

from wallet_service.actions import second_factor, staff, staff_changes
from wallet_service.actions.services import Services
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.db.tables import Staff

ISSUER = "Loyalty cards"


@click.group("staff")
def staff_group() -> None:
    """People who work here."""


@staff_group.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["cashier", "admin"]), default="cashier", show_default=True)
@click.option("--pin", prompt="PIN of 4 to 6 digits", hide_input=True, confirmation_prompt=True)
def staff_add(name: str, role: str, pin: str) -> None:
    """Let NAME sign in with a PIN, which is asked for. An admin gets a code for an authenticator app, too."""
    with opened() as services, services.sessions.begin() as session:
        person = staff.add_staff(session, name=name, role=role, pin=pin, now=services.clock(), actor=who())
        address = _second_factor(services, session, person) if _needs_one(services, role) else None
    click.echo(f"{name} can sign in as {role}.")
    if address:
        _show(address)


@staff_group.command("list")
def staff_list() -> None:
    """One line each: name, role, and whether they have a second factor."""
    with opened() as services, services.sessions.read() as session:
        for person in staff_changes.everybody(session):
            app = "  authenticator app" if person.second_factor else ""
            click.echo(f"{person.name}  {person.role}{app}")


@staff_group.command("deactivate")
@click.argument("name")
def staff_deactivate(name: str) -> None:
    """NAME no longer works here: out at their next press of a button."""
    with opened() as services, services.sessions.begin() as session:
        person = staff_changes.named(session, name)
        staff_changes.deactivate(session, person, actor=who(), now=services.clock())
    click.echo(f"{name} cannot sign in any more.")


@staff_group.command("pin")
@click.argument("name")
@click.option("--pin", prompt="New PIN of 4 to 6 digits", hide_input=True, confirmation_prompt=True)
def staff_pin(name: str, pin: str) -> None:
    """Give NAME a new PIN, which is asked for; whoever is signed in with the old one is out."""
    with opened() as services, services.sessions.begin() as session:
        person = staff_changes.named(session, name)
        staff_changes.set_pin(session, person, pin, actor=who(), now=services.clock())
    click.echo(f"{name} has a new PIN.")


@staff_group.command("second-factor")
@click.argument("name")
def staff_second_factor(name: str) -> None:
    """Print a new code for NAME's authenticator app, once; the one before is worth nothing any more."""
    with opened() as services, services.sessions.begin() as session:
        person = staff_changes.named(session, name)
        address = _second_factor(services, session, person)
    _show(address)


def _needs_one(services: Services, role: str) -> bool:
    """In a sandbox a PIN is enough, so that trying it out takes no phone."""
    return role == staff.ADMIN and not services.settings.sandbox


def _second_factor(services: Services, session: Session, person: Staff) -> str:
    nonce = services.entropy(second_factor.NONCE_BYTES).hex()
    staff_changes.set_second_factor(session, person, nonce, actor=who(), now=services.clock())
    return second_factor.address(services.settings.secret_keys, person, nonce, ISSUER)


def _show(address: str) -> None:
    click.echo("Scan this with an authenticator app now. It is shown this once:")
    code, drawn = QRCode(border=2), io.StringIO()
    code.add_data(address)
    code.print_ascii(out=drawn, invert=True)
    click.echo(drawn.getvalue())
    click.echo(address)
