"""`flask wallet why`: in plain words why a card shows no update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from wallet_service.actions.services import Services
from wallet_service.actions.why import Step
from wallet_service.apple.service import why as why_apple
from wallet_service.apple.service.desk import desk
from wallet_service.apple.service.why import Phone
from wallet_service.cli.opened import opened
from wallet_service.db import queries
from wallet_service.db.tables import ApplePass, Card
from wallet_service.google import why as why_google
from wallet_service.web.office.way import Leg, way
from wallet_service.web.office.why_texts import moment, said

ZONE = "UTC"


@click.command("why")
@click.argument("card")
@with_appcontext
def why_command(card: str) -> None:
    """Why the phone shows no update of CARD, a serial number or a card number. Exit code 1 when there is a
    reason. Times are UTC.
    """
    with opened() as services, services.sessions.read() as session:
        row = queries.card(session, card, retired=True)
        click.echo(f"Card {row.serial}, version {row.version}")
        reasons = [_told(name, steps) for name, steps in _chains(services, session, row)]
        _tell_way(way(session, row.id))
        applied = session.get(ApplePass, row.id)
        _tell_phones(why_apple.phones(session, applied) if applied else [])
    if any(reasons):
        raise SystemExit(1)


def _chains(services: Services, session: Session, row: Card) -> Iterator[tuple[str, Sequence[Step]]]:
    now, google = services.clock(), services.settings.google
    yield "Apple Wallet", why_apple.chain(desk(), session, row, now)
    if google and (steps := why_google.chain(session, google.issuer_id, row, now)):
        yield "Google Wallet", steps


def _told(wallet: str, steps: Sequence[Step]) -> bool:
    """Whether there is a reason; the first is marked."""
    click.echo(f"\n{wallet}")
    reason = next((step for step in steps if not step.good), None)
    for step in steps:
        mark = "WHY" if step is reason else "ok " if step.good else "!  "
        click.echo(f"  {mark}  {said(step, ZONE)} {step.facts.get('error', '')}".rstrip())
    return reason is not None


def _tell_way(legs: Sequence[Leg]) -> None:
    if legs:
        click.echo("\nThe way of its last changes")
    for leg in legs:
        steps = (("accepted", leg.accepted), ("listed", leg.listed), ("fetched", leg.fetched))
        after = ", ".join(f"{name} {f'after {took}' if took else 'not seen'}" for name, took in steps)
        request = f", request {leg.request_id}" if leg.request_id else ""
        click.echo(
            f"  version {leg.version} ({leg.wallet}): queued {moment(leg.queued_at, ZONE)}, {after}, "
            f"{_times(leg.phones, 'phone')} woken{request}"
        )


def _tell_phones(phones: Sequence[Phone]) -> None:
    if phones:
        click.echo("\nPhones")
    for number, phone in enumerate(phones, 1):
        click.echo(
            f"  phone {number}: since {_at(phone.registered_at)}, woken {_times(phone.pushes, 'time')}, "
            f"last on {_at(phone.pushed_at)}, asked on {_at(phone.listed_at)}"
        )


def _at(at: datetime | None) -> str:
    return moment(at, ZONE) if at else "(never)"


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
