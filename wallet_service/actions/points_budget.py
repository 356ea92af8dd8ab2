"""Whether a program gives far more points today than on such a weekday: an alarm while it does (S9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.db.tables import LedgerEntry, ProgramRow
from wallet_service.domain.detail import Detail
from wallet_service.domain.local_days import end_of_day, local_day
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind
from wallet_service.push.alarms import clear_alarm, raise_alarm

ALARM = "points-budget"
WEEKS, PERCENT = 4, 150
FLOOR = 50
"""So many purchases a day are few enough for one good customer to double them."""

DAY = timedelta(days=1)
GIVEN = (Kind.EARN, Kind.GRANT)


@dataclass(frozen=True)
class Day:
    """What was given on one local day: points, in so many purchases and gifts."""

    points: int
    times: int


def watch_budgets(session: Session, now: datetime) -> None:
    """Once an hour for every program: raised while today is over, cleared when it is not."""
    rows = session.execute(select(ProgramRow.id, ProgramRow.slug).order_by(ProgramRow.id)).all()
    for row in rows:
        program = programs.current(session, row.slug)[0]
        over = _over(session, row.id, program, now)
        if over is None:
            clear_alarm(session, ALARM, program.slug, now)
        else:
            raise_alarm(session, ALARM, program.slug, over, now)


def _over(session: Session, program_id: int, program: Program, now: datetime) -> str | None:
    """The sentence of the alarm; None while all is well, and as long as there is nothing to compare with."""
    today = local_day(now, program.time_zone)
    given = _given(session, program_id, program, today)
    if given.times < FLOOR:
        return None
    usual = _usual(session, program_id, program, today)
    if not usual or given.points * 100 * len(usual) <= sum(usual) * PERCENT:
        return None
    mean = sum(usual) // len(usual)
    said = (
        f"{given.points} points were given today, and {mean} are usual on such a weekday. The page “To look "
        "at” says by whom; what was booked by mistake or by fraud is taken back card by card."
    )
    return Detail(said, "points/many", points=given.points, usual=mean)


def _usual(session: Session, program_id: int, program: Program, today: date) -> Sequence[int]:
    """The same weekday of the last weeks, without those on which the shop was closed or not there yet."""
    days = [today - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    given = [_given(session, program_id, program, day) for day in days]
    return [day.points for day in given if day.times]


def _given(session: Session, program_id: int, program: Program, day: date) -> Day:
    starts, ends = (end_of_day(one, program.time_zone) for one in (day - DAY, day))
    points, times = session.execute(
        select(func.coalesce(func.sum(LedgerEntry.points), 0), func.count(LedgerEntry.id)).where(
            LedgerEntry.recorded_at >= starts,
            LedgerEntry.recorded_at < ends,
            LedgerEntry.kind.in_(GIVEN),
            LedgerEntry.program_id == program_id,
        )
    ).one()
    return Day(int(points), times)  # a sum of PostgreSQL is a Decimal
