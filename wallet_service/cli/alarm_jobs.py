"""Watches and tells: in the worker by its jobs, in the web service by a thread, in case no worker is left."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from time import sleep

from wallet_service.actions.back_up import last_made
from wallet_service.actions.services import Services
from wallet_service.db.tables import Installation
from wallet_service.domain.errors import Unavailable
from wallet_service.domain.program import Program
from wallet_service.push import alarm_post, alarm_watch
from wallet_service.push.alarm_post import Letter, News, Words
from wallet_service.push.alarm_watch import Finder, Found
from wallet_service.push.alarm_ways import ways
from wallet_service.push.other_clocks import OtherClocks
from wallet_service.push.queue import Aside, Queue
from wallet_service.web.languages import OURS, speaking
from wallet_service.web.office import alarm_texts
from wallet_service.web.office.shop_floor import all_programs

log = logging.getLogger(__name__)

EVERY = 60  # seconds


def alarm_jobs(services: Services, queue: Queue) -> None:
    """Disk and clock are those of each machine; of several that tell, one has the turn."""
    look = Aside("alarm watch", lambda: watch_and_tell(services))
    queue.every("watch_alarms", look, minutes=1, everywhere=True)
    queue.every("watch_phones", Aside("silent phones", lambda: watch_phones(services)), minutes=60)


def watch_and_tell(services: Services) -> None:
    folder, now = services.settings.data_dir, services.clock()
    others = OtherClocks(folder).verdict(now)
    is_off = others is not None and others.is_off
    finders: dict[str, Finder] = {
        alarm_watch.DISK: lambda _now: alarm_watch.disk(folder),
        alarm_watch.CLOCK: lambda _now: alarm_watch.clock(others, folder),
    }
    if not is_off:
        finders[alarm_watch.BACKUP] = lambda now: _backup(services, now)
    alarm_watch.watch(services.sessions, finders, now, is_off=is_off)
    alarm_post.tell(services.sessions, ways(services.settings, words_of(services)), services.clock())


def words_of(services: Services) -> Words:
    """Those of the office, in the language of the shop's first program."""

    def said(news: News) -> Letter:
        try:
            with services.sessions.read() as session:
                programs = all_programs(session)
            with speaking(language_of(programs)):
                return alarm_texts.letter(news, programs)
        except Exception:
            log.exception("the alarm %s is told in plain English", news.kind)
            return alarm_post.plain(news)

    return said


def language_of(programs: Sequence[Program]) -> str:
    """In which the shop is told things that nobody asked for in another."""
    wished = programs[0].languages[0] if programs else "en"
    return wished if wished in OURS else "en"


def watch_phones(services: Services) -> None:
    alarm_watch.watch_phones(services.sessions, services.clock())


def watch_from_the_web(services: Services) -> None:
    """A worker that died tells nobody that it did."""
    threading.Thread(target=_watch_for_ever, args=(services,), name="alarm watch", daemon=True).start()


def _watch_for_ever(services: Services) -> None:
    while True:
        sleep(EVERY)
        try:
            watch_and_tell(services)
        except Unavailable as error:
            log.warning("nobody can look for alarms: %s", error.detail)
        except Exception:
            log.exception("the look for alarms failed")


def _backup(services: Services, now: datetime) -> Found:
    with services.sessions.read() as session:
        row = session.get(Installation, 1)
    since = (row.opened_at or row.created_at) if row else now
    return alarm_watch.backup_age(last_made(services, now), since, now)
