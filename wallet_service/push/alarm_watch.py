"""Looks at what no door and no delivery notices by itself, and raises an alarm for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.db.session import Sessions
from wallet_service.db.tables import Alarm, GoogleIssuer, Outbox, Telling
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, keep_alarm
from wallet_service.push.backlog import LATE, Waiting, live, oldest_live
from wallet_service.push.clock_watch import REMEDY
from wallet_service.push.other_clocks import Verdict

PUSH, BACKUP, DISK, LANE, SILENCE = "push-late", "backup-age", "disk", "google-lane", "phones-silent"
CLOCK = "clock-off"
OLDEST_BACKUP = timedelta(hours=1)
LEAST_FREE = 0.10
UNHELD = timedelta(seconds=60)
NO_PHONE = timedelta(hours=24)
FEWEST_PUSHES = 5  # so many that nobody answered: one phone may just lie in a drawer

Found = Mapping[str, str]
"""What is wrong, by subject; without a word when that one is well, empty when all is."""
Finder = Callable[[datetime], Found]


def watch(sessions: Sessions, finders: Mapping[str, Finder], now: datetime, *, is_off: bool = False) -> None:
    """Each kind by itself. `finders` look at what lies outside of the database, and speak of it alone: other
    machines have their own. A clock that `is_off` cannot tell what is late.
    """
    outside = {kind: find(now) for kind, find in finders.items()}
    with sessions.read() as session:
        inside = {} if is_off else {PUSH: _late(live(session), now), LANE: _unheld(session, now)}
    with sessions.begin(in_quarantine=True) as session:
        for kind, found in inside.items():
            settle(session, kind, found, now)
        for kind, found in outside.items():
            _keep(session, kind, found, now)


def watch_phones(sessions: Sessions, now: datetime) -> None:
    """APNs takes pushes and nobody answers: another team's certificate, a wrong address in the passes."""
    with sessions.read() as session:
        found = _silence(session, now)
    with sessions.begin(in_quarantine=True) as session:
        settle(session, SILENCE, found, now)


def settle(session: Session, kind: str, found: Found, now: datetime) -> None:
    """Raises what is found, and clears what was raised of this kind and is found no more."""
    _keep(session, kind, found, now)
    still = select(Alarm.subject).where(Alarm.kind == kind, Alarm.cleared_at.is_(None))
    for subject in sorted(set(session.scalars(still)) - found.keys()):
        clear_alarm(session, kind, subject, now)


def _keep(session: Session, kind: str, found: Found, now: datetime) -> None:
    for subject, detail in found.items():
        keep_alarm(session, kind, subject, detail or None, now)


def free_disk(folder: Path) -> float:
    """The part of the disk under the data that is free."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total


def disk(folder: Path) -> Found:
    free, subject = free_disk(folder), _place(folder)
    if free >= LEAST_FREE:
        return {subject: ""}
    host = gethostname()
    said = (
        f"Only {free:.0%} of the disk under {folder} is free on {host}. Nothing can be booked on a full disk."
    )
    return {subject: Detail(said, "disk/full", host=host, folder=str(folder), percent=round(free * 100))}


def clock(others: Verdict | None, folder: Path) -> Found:
    """Without a verdict nothing is known, nor that it is right again."""
    if others is None:
        return {}
    if not others.is_off:
        return {_place(folder): ""}
    host, told = gethostname(), f"say {' and '.join(others.hosts)}"
    harm = "Until it is right no card is signed for Apple Wallet; tills go on."
    said = f"The clock of {host} is {others}, {told}. {harm} {REMEDY}"
    case = f"clock-off/{others.side}"
    return {_place(folder): Detail(said, case, host=host, minutes=others.minutes, hosts=others.hosts)}


def _place(folder: Path) -> str:
    """The same for all processes of a machine, and after its containers were made anew."""
    return f"{folder} ({os.statvfs(folder).f_fsid:x})"


def backup_age(newest: datetime | None, since: datetime, now: datetime) -> Found:
    """`since` is from when on there ought to be one."""
    age = now - max(newest or since, since)
    if age <= OLDEST_BACKUP:
        return {"backup": ""}
    due = "One is due every 15 minutes: is `flask wallet worker` running?"
    if newest is None:
        return {"backup": Detail(f"There is no backup yet. {due}", "backup/none")}
    return {
        "backup": Detail(
            f"The newest backup is of {newest:%Y-%m-%d %H:%M} UTC. {due}", "backup/old", newest=newest
        )
    }


def _late(waiting: Iterable[Waiting], now: datetime) -> Found:
    late = [one for one in waiting if one.age(now) > LATE]
    return {
        channel: _waits(oldest_live(those, now))
        for channel in sorted({one.channel for one in late})
        if (those := [one for one in late if one.channel == channel])
    }


def _waits(age: timedelta) -> Detail:
    minutes = int(age.total_seconds() // 60)
    told = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
    said = f"The oldest change waits for {told} to be told. Is `flask wallet worker` running?"
    return Detail(f"{said} The status page of the office says more.", "push/waits", minutes=minutes)


def _unheld(session: Session, now: datetime) -> Found:
    """Nobody drives the lane although somebody waits for it."""
    wanted = select(Outbox.id).where(Outbox.wallet == "google", Outbox.told < Outbox.wanted)
    if session.scalar(wanted.limit(1)) is None:
        return {}
    rows = session.execute(select(GoogleIssuer.issuer_id, GoogleIssuer.lane_until))
    said = "No worker talks to Google, and cards wait. Is `flask wallet worker` running for Google?"
    return {
        issuer: Detail(said, "google/nobody")
        for issuer, until in rows
        if until is not None and until < now - UNHELD
    }


def _silence(session: Session, now: datetime) -> Found:
    """Since a day or more pushes succeed, and no phone has asked for anything since the first of them."""
    pushed = (Telling.wallet == "apple") & (Telling.phones > 0) & (Telling.accepted_at > now - 3 * NO_PHONE)
    answered = select(
        func.max(func.coalesce(Telling.fetched_at, Telling.listed_at), type_=Telling.accepted_at.type)
    )
    last = session.scalar(answered.where(pushed))
    if last is not None and last > now - NO_PHONE:
        return {}
    since = pushed & (Telling.accepted_at > last) if last else pushed
    first, pushes = session.execute(
        select(func.min(Telling.accepted_at, type_=Telling.accepted_at.type), func.count()).where(since)
    ).one()
    if first is None or first > now - NO_PHONE or pushes < FEWEST_PUSHES:
        return {}
    said = f"APNs took {pushes} pushes since {first:%Y-%m-%d %H:%M} UTC, and no phone asked for its card."
    why = "Does WALLET_PUBLIC_URL lead here, and is the certificate that of these cards?"
    return {"apple": Detail(f"{said} {why}", "phones/silent", pushes=pushes, since=first)}
