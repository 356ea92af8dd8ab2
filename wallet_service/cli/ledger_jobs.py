"""What the worker does for the ledger: books what burnt, closes days, watches and checks it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from time import sleep

from wallet_service import metrics
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.actions.close_day import close_days
from wallet_service.actions.points_budget import watch_budgets
from wallet_service.actions.services import Services
from wallet_service.actions.strange_codes import clear_quiet
from wallet_service.actions.sweep import SLICE, Due, due, settle_card
from wallet_service.cli.opened import BREATH
from wallet_service.domain.detail import Detail
from wallet_service.google.reconcile import is_night
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.clock_watch import is_trusted
from wallet_service.push.queue import Aside, Queue

log = logging.getLogger(__name__)

ALARM, SUBJECT, SWEEP = "ledger", "check-ledger", "sweep"


def ledger_jobs(services: Services, queue: Queue) -> None:
    queue.every("sweep_ledger", Aside("ledger sweep", lambda: sweep_ledger(services)), minutes=1)
    queue.every("close_days", Aside("ledger days", lambda: close_finished_days(services)), minutes=60)
    queue.every("watch_points", Aside("points budget", lambda: watch_points(services)), minutes=60)
    queue.every("check_ledger", Aside("ledger check", _at_night(services, check)), minutes=60)


def sweep_ledger(services: Services) -> None:
    """Each card by itself: one that cannot be settled keeps nobody else waiting, and is an alarm until it
    can. With a breath after each slice, in which a till that waits gets in.
    """
    now, stuck = services.clock(), list[str]()
    if not is_trusted(services.sessions, now):
        return  # points that burnt by a wrong clock are burnt
    last: Due | None = None
    while found := _due(services, now, last):
        stuck += [one.serial for one in found if not _settled(services, one.serial)]
        last = found[-1]
        sleep(BREATH if len(found) == SLICE else 0)
    _tell(services, stuck)


def _due(services: Services, now: datetime, last: Due | None) -> Sequence[Due]:
    with services.sessions.read() as session:
        return due(session, now, last)


def _settled(services: Services, serial: str) -> bool:
    try:
        with services.sessions.begin() as session:
            settle_card(session, serial, services.wallets, services.clock())
    except Exception:
        log.exception("card %s cannot be settled; the sweep goes on without it", serial)
        return False
    return True


def _tell(services: Services, stuck: Sequence[str]) -> None:
    with services.sessions.begin() as session:
        if not stuck:
            clear_alarm(session, ALARM, SWEEP, services.clock())
            return
        cards = "1 card" if len(stuck) == 1 else f"{len(stuck)} cards"
        detail = f"{cards} cannot be settled, the first: {stuck[0]}; the log says why."
        detail += " `flask wallet check-ledger` tells what is wrong; docs/ledger.md says what to do."
        said = Detail(detail, "ledger/stuck", cards=len(stuck), first=stuck[0])
        raise_alarm(session, ALARM, SWEEP, said, services.clock())


def close_finished_days(services: Services) -> None:
    """Not by a clock that leapt ahead: what is booked on the day that it left out would not fit its root."""
    if not is_trusted(services.sessions, services.clock()):
        return
    for day in close_days(services.sessions, services.clock()):
        log.info("the ledger of %s is closed", day)


def watch_points(services: Services) -> None:
    """And whether somebody who tried strange card numbers has given up since."""
    with services.sessions.begin() as session:
        watch_budgets(session, services.clock())
        clear_quiet(session, services.clock())


def check(services: Services) -> None:
    """What is found is an alarm until a night finds nothing any more."""
    found = [
        finding
        for part in check_ledger(services.sessions, wallets=services.wallets)
        for finding in part.findings
    ]
    metrics.BREACHES.inc(by=len(found))
    with services.sessions.begin() as session:
        if not found:
            clear_alarm(session, ALARM, SUBJECT, services.clock())
            return
        detail = f"The ledger does not add up: {len(found)} findings, the first: {found[0]}."
        detail += " `flask wallet check-ledger` tells all; docs/ledger.md says what to do."
        said = Detail(detail, "ledger/findings", findings=len(found), kind=found[0].kind)
        raise_alarm(session, ALARM, SUBJECT, said, services.clock())


def _at_night(services: Services, job: Callable[[Services], None]) -> Callable[[], None]:
    def at_night() -> None:
        if is_night(services.clock()):
            job(services)

    return at_night
