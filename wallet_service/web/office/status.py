"""How everything stands, in words: what /readyz and /metrics say to machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_percent
from babel.units import format_unit
from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from wallet_service.push.alarm_watch import LEAST_FREE, OLDEST_BACKUP
from wallet_service.push.backlog import LATE
from wallet_service.web.auth import needs
from wallet_service.web.halted import standing_still
from wallet_service.web.languages import language
from wallet_service.web.office import alarm_texts
from wallet_service.web.office.detail_texts import exactly
from wallet_service.web.office.frame import page
from wallet_service.web.office.paper_texts import called
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.page import services
from wallet_service.web.standing import Paper, Seen, Standing, standing

office_status = Blueprint("office_status", __name__, template_folder="templates")

FEWEST_DAYS = 14


@dataclass(frozen=True)
class Line:
    """`fault`: what exactly is wrong."""

    good: bool
    what: str
    told: str
    fault: str = ""


@office_status.get("/status")
def short() -> ResponseReturnValue:
    """As probes and people expect it; the sign-in is that of the office."""
    return redirect("/office/status", 303)


@office_status.get("/office/status")
@needs("admin")
def overview() -> ResponseReturnValue:
    stands = standing()
    seen = stands.seen()
    with services().sessions.read() as session:
        programs = all_programs(session)
    lines = [*_here(stands), *_on_the_way(seen)]
    return page(
        "status.html",
        lines=lines,
        alarms=alarm_texts.shown(seen.alarms, programs),
        zone=zone_of(programs),
        exact=exactly,
    )


def _here(stands: Standing) -> Iterator[Line]:
    yield _database(stands.database() or stands.tables())
    lost = stands.queue()
    told = _("Wake-ups get lost: news go out a little later") if lost else _("Works")
    yield Line(not lost, _("Queue"), told, lost)
    yield from _papers(stands.papers())
    if doubt := stands.clock():
        yield Line(False, _("Clock"), _("It is wrong: no card is signed until it is right"), doubt)
    yield _backup(stands.backup(), stands.backup_size())
    free = stands.disk()
    told = _("%(part)s free", part=format_percent(free, locale=language()))
    yield Line(free >= LEAST_FREE, _("Disk"), told)


def _database(fault: str) -> Line:
    if fault:
        return Line(False, _("Database"), _("Nothing can be booked"), fault)
    if standing_still():
        return Line(False, _("Database"), _("Booking stands still"))
    return Line(True, _("Database"), _("Takes bookings"))


def _papers(found: Sequence[Paper]) -> Iterator[Line]:
    if not found:
        yield Line(False, _("Certificates"), _("No certificate yet: cards cannot be signed."))
    yield from map(_paper, found)


def _paper(paper: Paper) -> Line:
    what = f"{paper.pass_type}, {called(paper.certificate)}" if paper.pass_type else _("Certificates")
    if paper.fault:
        return Line(False, what, _("Nothing can be signed with it"), paper.fault)
    told = ngettext("Lasts %(num)s more day", "Lasts %(num)s more days", paper.days)
    return Line(paper.days >= FEWEST_DAYS, what, told)


def _backup(age: timedelta | None, size: int | None) -> Line:
    if age is None:
        return Line(False, _("Backup"), _("There is none yet"))
    told = _("The newest: %(time)s", time=_ago(age))
    return Line(age <= OLDEST_BACKUP, _("Backup"), f"{told}, {_large(size)}" if size else told)


def _large(size: int) -> str:
    """Of a backup that is much smaller than the one of yesterday something is missing."""
    unit, part = ("megabyte", size // 1_000_000) if size >= 1_000_000 else ("kilobyte", -(-size // 1_000))
    return str(format_unit(part, f"digital-{unit}", length="short", locale=language()))


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
