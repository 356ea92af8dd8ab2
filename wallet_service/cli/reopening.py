"""The operator confirms a restore: phones ask for everything once, and every card is told."""

from __future__ import annotations

from datetime import datetime
from time import sleep

from sqlalchemy import func, select, update

from wallet_service.actions import audit, erasures, installation
from wallet_service.actions.services import Services
from wallet_service.apple.service import devices
from wallet_service.cli.opened import BREATH
from wallet_service.cli.progress import progress
from wallet_service.db.patience import take_time
from wallet_service.db.tables import Card, Outbox, ProgramRow
from wallet_service.google import new_life
from wallet_service.push.bulk import Cards, Slice, raise_slice

SLICE = 500


def open_up(services: Services, actor: str, now: datetime) -> int:
    """Answers how many cards are told. A crash leaves it closed, and the same once more does no harm: nothing
    is pushed before the last step.
    """
    erased = erasures.kept(services.settings.backup_dir)
    erasures.forget_again(services.sessions, erased, services.wallets, now)
    _begin_new_life(services)
    told = _mark_all(services, now)
    with services.sessions.begin(in_quarantine=True) as session:
        installation.end_quarantine(session, now)
        audit.write(session, actor, "quarantine-opened", "installation", {"told": told}, now)
    return told


def _begin_new_life(services: Services) -> None:
    """T9; and what a worker of the life before had taken is free."""
    with services.sessions.begin(in_quarantine=True) as session:
        take_time(session.connection())
        devices.begin_new_life(session, services.entropy)
        new_life.begin_new_life(session)
        session.execute(update(Outbox).values(lease_until=None, lease_token=None, quiet_until=None))


def _mark_all(services: Services, now: datetime) -> int:
    """At campaign priority, so that tills overtake."""
    with services.sessions.read() as session:
        programs = session.scalars(select(ProgramRow.id)).all()
        bound = session.scalar(select(func.max(Card.id))) or 0
        total = session.scalar(select(func.count()).select_from(Card)) or 0
    told = 0
    with progress("Marking", total, "cards") as shown:
        for program in programs:
            after: int | None = 0
            while after is not None:
                found = _mark(services, Cards(program, bound, after), now)
                told, after = told + found.count, found.last_id
                shown.on(found.count)
                sleep(BREATH if found.count == SLICE and services.sessions.sqlite else 0)
    return told


def _mark(services: Services, cards: Cards, now: datetime) -> Slice:
    with services.sessions.begin(in_quarantine=True) as session:
        return raise_slice(session, cards, wallets=services.wallets, now=now, most=SLICE)
