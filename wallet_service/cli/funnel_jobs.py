"""What the worker does for the way of changes: wakes phones that missed one, forgets, watches complaints."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from time import sleep

from wallet_service.actions.services import Services
from wallet_service.apple.service import complaint_groups, missed
from wallet_service.apple.service.missed import Missed
from wallet_service.cli.opened import BREATH
from wallet_service.google.reconcile import is_night
from wallet_service.push import tellings
from wallet_service.push.clock_watch import is_trusted
from wallet_service.push.queue import Aside, Queue

log = logging.getLogger(__name__)

MOST_AT_ONCE = 5_000
"""Cards that are woken again in an hour: after an outage of our own there may be very many."""


def funnel_jobs(services: Services, queue: Queue) -> None:
    queue.every("wake_missed", Aside("missed updates", lambda: wake_missed(services)), minutes=60)
    queue.every("forget_tellings", Aside("old tellings", lambda: forget(services)), minutes=60)
    queue.every("watch_complaints", lambda: watch_complaints(services), minutes=5)


def wake_missed(services: Services) -> None:
    """Each hour what is fresh, each night all."""
    within = missed.ALL if is_night(services.clock()) else missed.RECENT
    last: Missed | None = None
    woken = 0
    while woken < MOST_AT_ONCE and (found := _missed(services, within, last)):
        with services.sessions.begin() as session:
            woken += missed.wake_again(session, [one.card_id for one in found], services.clock())
        last = found[-1]
        sleep(BREATH)
    if woken:
        log.info("%d cards were not fetched for hours after their push; their phones are woken again", woken)


def _missed(services: Services, within: timedelta, last: Missed | None) -> Sequence[Missed]:
    with services.sessions.read() as session:
        return missed.missed(session, services.clock(), within, last)


def forget(services: Services) -> None:
    """The way of changes of a month ago, and what phones said then."""
    if not is_trusted(services.sessions, services.clock()):
        return  # of a wrong clock everything is a month ago
    gone = tellings.SLICE
    while gone == tellings.SLICE:
        with services.sessions.begin() as session:
            gone = tellings.forget_old(session, services.clock())
        sleep(BREATH)
    with services.sessions.begin() as session:
        complaint_groups.forget_old(session, services.clock())


def watch_complaints(services: Services) -> None:
    with services.sessions.begin(in_quarantine=True) as session:
        complaint_groups.watch(session, services.clock())
