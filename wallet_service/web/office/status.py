"""How everything stands, in words: what /readyz and /metrics say to machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_percent
from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from wallet_service.domain.errors import Unavailable
from wallet_service.push.alarm_watch import LEAST_FREE, OLDEST_BACKUP
from wallet_service.push.backlog import LATE
from wallet_service.web.auth import needs
from wallet_service.web.languages import language
from wallet_service.web.office.frame import page
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.page import services
from wallet_service.web.standing import Paper, Seen, Standing, standing

office_status = Blueprint("office_status", __name__, template_folder="templates")

FEWEST_DAYS = 14


@dataclass(frozen=True)
class Line:
    good: bool
    what: str
    told: str
    detail: str = ""


@office_status.get("/status")
def short() -> ResponseReturnValue:
    """As probes and people expect it; the sign-in is that of the office."""
    return redirect("/office/status", 303)


@office_status.get("/office/status")
@needs("admin")
def overview() -> ResponseReturnValue:
    stands = standing()
    try:
        seen = stands.seen()
        with services().sessions.read() as session:
            zone = zone_of(all_programs(session))
    except Unavailable:
        return page("status.html", lines=[*_here(stands)], alarms=(), zone="UTC")
    lines = [*_here(stands), *_on_the_way(seen)]
    return page("status.html", lines=lines, alarms=seen.alarms, zone=zone)


def _here(stands: Standing) -> Iterator[Line]:
    fault = stands.database() or stands.tables()
    yield Line(not fault, _("Database"), _("Nothing can be booked") if fault else _("Books"), fault)
    lost = stands.queue()
    told = _("Wake-ups get lost: news go out a little later") if lost else _("Carries wake-ups")
    yield Line(not lost, _("Queue"), told, lost)
    yield from (_paper(paper) for paper in stands.papers())
    yield _backup(stands.backup())
    free = stands.disk()
    told = _("%(part)s free", part=format_percent(free, locale=language()))
    yield Line(free >= LEAST_FREE, _("Disk"), told)


def _paper(paper: Paper) -> Line:
    if paper.fault:
        return Line(False, paper.name, _("Nothing can be signed with it"), paper.fault)
    told = ngettext("Lasts %(num)s more day", "Lasts %(num)s more days", paper.days)
    return Line(paper.days >= FEWEST_DAYS, paper.name, told)


def _backup(age: timedelta | None) -> Line:
    if age is None:
        return Line(False, _("Backup"), _("There is none yet"))
    return Line(age <= OLDEST_BACKUP, _("Backup"), _("The newest: %(time)s", time=_ago(age)))


def _on_the_way(seen: Seen) -> Iterator[Line]:
    told = ngettext("%(num)s card waits to be told", "%(num)s cards wait to be told", seen.marks)
    since = _("the first for %(time)s", time=_spoken(seen.oldest_live)) if seen.oldest_live else ""
    yield Line(seen.oldest_live <= LATE, _("News on the way"), ", ".join(filter(None, (told, since))))
    if seen.parked:
        told = ngettext("%(num)s card is tried once a day", "%(num)s cards are tried once a day", seen.parked)
        yield Line(False, _("News given up"), told)


def _spoken(age: timedelta) -> str:
    return str(format_timedelta(age, locale=language()))


def _ago(age: timedelta) -> str:
    return str(format_timedelta(-age, add_direction=True, locale=language()))
