"""`flask wallet member`, and the jobs that forget what has served its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import sleep

import click

from wallet_service.actions import member_export, retention
from wallet_service.actions.services import Services
from wallet_service.apple.service import leaving
from wallet_service.cli.handed_out import hand_out
from wallet_service.cli.opened import BREATH, opened
from wallet_service.cli.who import who
from wallet_service.db.old_pages import empty_log
from wallet_service.google.reconcile import is_night
from wallet_service.push.clock_watch import is_trusted
from wallet_service.push.queue import Aside, Queue


class Forgetting:
    """Remembers how far the answers are dropped; a restart looks at them all once more."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._dropped = 0

    def hourly(self) -> None:
        if not is_trusted(self._services.sessions, self._services.clock()):
            return  # what is forgotten by a wrong clock is forgotten
        forget_phones(self._services)
        self._drop_answers()
        if is_night(self._services.clock()):
            forget_idle(self._services)
        empty_log(self._services.sessions)

    def _drop_answers(self) -> None:
        more = True
        while more:
            with self._services.sessions.begin() as session:
                self._dropped, more = retention.drop_answers(session, self._dropped, self._services.clock())
            sleep(BREATH if more else 0)


def retention_jobs(services: Services, queue: Queue) -> None:
    queue.every("forget", Aside("forgetting", Forgetting(services).hourly), minutes=60)


def forget_phones(services: Services) -> None:
    done = leaving.SLICE
    while done == leaving.SLICE:
        with services.sessions.begin() as session:
            done = leaving.forget_phones(session, services.clock())


def forget_idle(services: Services) -> None:
    """First those whose notice has run out, then the next notices; each card in a transaction of its own."""
    settings, wallets, now = services.settings, services.wallets, services.clock()
    if not settings.retention_months:
        return
    while serials := _overdue(services, now):
        for serial in serials:
            with services.sessions.begin() as session:
                retention.conclude(session, serial, wallets, now)
        sleep(BREATH)
    after: int | None = 0
    while after is not None:
        with services.sessions.read() as session:
            serials, after = retention.idle(session, settings.retention_months, now, after)
        for serial in serials:
            with services.sessions.begin() as session:
                retention.warn(session, serial, wallets, now)
        sleep(BREATH if serials else 0)


def _overdue(services: Services, now: datetime) -> Sequence[str]:
    with services.sessions.read() as session:
        return retention.overdue(session, now)


@click.group("member")
def member_group() -> None:
    """What a member may ask for; `flask wallet erase` forgets one."""


@member_group.command("export")
@click.argument("card")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Else named by the card.")
def export_command(card: str, out: Path | None) -> None:
    """All that is kept about the member of CARD (a serial or card number), as a zip of JSON and CSV."""
    with opened() as services, services.sessions.begin() as session:
        made = member_export.of_member(session, card=card, actor=who(), now=services.clock())
    path = out or Path(made.name)
    hand_out(path, made.body)
    click.echo(f"{path} is written. It is about a person: hand it to them, and keep no copy.")
