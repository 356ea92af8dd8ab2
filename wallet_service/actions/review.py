"""What a manager looks at afterwards: who and what stood out in the last days, found in the ledger (S9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, distinct, func, or_, select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.guards import AFTER_HOURS
from wallet_service.actions.outliers import Favour, Late, Repeated, Review, Served, TookBack
from wallet_service.db.tables import Card, LedgerEntry, Operation, ProgramRow, Staff
from wallet_service.db.tables.base import UtcTime
from wallet_service.domain.local_days import local_day
from wallet_service.domain.opening import is_open
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind

WEEK, OWN_CARDS = timedelta(days=7), timedelta(days=28)
MOST, MOST_READ = 50, 500
OFTEN_SERVED = 5
"""So many times in a week by the same person: a regular guest, or a friend."""

FAVOUR = 3
"""A cashier's own card stands out that the same colleague served so often, and half of the times at least."""

SERVING, TAKING_BACK = (Kind.EARN, Kind.REDEEM), ("adjust", "reverse")


def review(session: Session, now: datetime) -> Review:
    """Reads the lines of a week, by their index; a booking pays nothing for it."""
    since, known = now - WEEK, _programs(session)
    return Review(
        since=since,
        repeated=tuple(_repeated(session, known, since)),
        served=tuple(_served(session, since)),
        took_back=tuple(_took_back(session, since)),
        favours=tuple(_favours(session, now - OWN_CARDS)),
        late=tuple(_late(session, known, since)),
    )


def _programs(session: Session) -> dict[int, Program]:
    rows = session.execute(select(ProgramRow.id, ProgramRow.slug).order_by(ProgramRow.id)).all()
    return {row.id: programs.current(session, row.slug)[0] for row in rows}


def _repeated(session: Session, known: dict[int, Program], since: datetime) -> Iterator[Repeated]:
    for program_id, program in known.items():
        guards = program.guards
        fewest = min(guards.one_till_a_day, guards.one_till_a_week)
        often = _of_kind(since, Kind.EARN).where(LedgerEntry.program_id == program_id)
        for found in session.execute(_counted(often, "store", "till").having(_times() > fewest)):
            at_one_till = (LedgerEntry.store == found.store) & (LedgerEntry.till == found.till)
            earned = at_one_till & (LedgerEntry.kind == Kind.EARN)
            days = _days(session, found.card_id, since, program, earned)
            limits = [(day, times, guards.one_till_a_day) for day, times in days.items()]
            for day, times, most in [*limits, (None, found.times, guards.one_till_a_week)]:
                if times > most:
                    yield Repeated(found.serial, found.store, found.till, day, times, most, found.last_at)


def _served(session: Session, since: datetime) -> Iterator[Served]:
    by_staff = _of_kind(since, *SERVING).where(LedgerEntry.actor.like("staff:%"))
    for found in session.execute(_counted(by_staff, "actor").having(_times() >= OFTEN_SERVED)):
        program = programs.current(session, found.slug)[0]
        by_them = (LedgerEntry.actor == found.actor) & LedgerEntry.kind.in_(SERVING)
        days = _days(session, found.card_id, since, program, by_them)
        yield Served(
            found.actor,
            found.serial,
            found.times,
            sum(_servers(session, found.card_id, since).values()),
            max(days.values(), default=0),
            found.last_at,
        )


def _took_back(session: Session, since: datetime) -> Sequence[TookBack]:
    """Of everybody who took something back; those who stand out first."""
    count = func.count(distinct(LedgerEntry.operation_id)).label("times")
    rows = session.execute(
        select(LedgerEntry.actor, Operation.verb, count)
        .join(Operation, Operation.id == LedgerEntry.operation_id)
        .where(
            LedgerEntry.recorded_at >= since,
            LedgerEntry.actor.like("staff:%"),
            or_(LedgerEntry.kind.in_(SERVING), Operation.verb.in_(TAKING_BACK)),
        )
        .group_by(LedgerEntry.actor, Operation.verb)
    ).all()
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(row.actor, Counter())[row.verb] = row.times
    people = [
        TookBack(who, times["adjust"], times["reverse"], times["earn"] + times["redeem"])
        for who, times in counted.items()
        if times["adjust"] or times["reverse"]
    ]
    return sorted(people, key=lambda one: (not one.stands_out, -one.undos - one.corrections))


def _favours(session: Session, since: datetime) -> Iterator[Favour]:
    carried = select(Staff.id, Card.id, Card.serial).join(Card, Card.id == Staff.own_card_id)
    for whose, card_id, serial in session.execute(carried.order_by(Staff.id)):
        servers = _servers(session, card_id, since)
        total = sum(servers.values())
        for who, times in servers.most_common(1):
            if who.startswith("staff:") and times >= FAVOUR and 2 * times >= total:
                yield Favour(f"staff:{whose}", who, serial, times, total)


def _late(session: Session, known: dict[int, Program], since: datetime) -> Iterable[Late]:
    """What was booked then is flagged; what was taken back is looked at by the hours of today."""
    rows = session.execute(
        select(LedgerEntry, Card.serial)
        .join(Card, Card.id == LedgerEntry.card_id)
        .where(
            LedgerEntry.recorded_at >= since,
            LedgerEntry.actor.like("staff:%"),
            LedgerEntry.program_id.in_([key for key, one in known.items() if one.guards.hours]),
            or_(LedgerEntry.flags.contains(AFTER_HOURS), LedgerEntry.kind.in_((Kind.ADJUST, Kind.REVERSE))),
        )
        .order_by(LedgerEntry.id.desc())
        .limit(MOST_READ)
    )
    found = [
        Late(row.actor, serial, Kind(row.kind), row.store, row.till, row.occurred_at)
        for row, serial in rows
        if _closed(row, known[row.program_id])
    ]
    return found[:MOST]


def _closed(row: LedgerEntry, program: Program) -> bool:
    if AFTER_HOURS in (row.flags or "").split():
        return True
    hours = program.guards.hours
    return hours is not None and not is_open(hours, row.occurred_at.astimezone(ZoneInfo(program.time_zone)))


def _of_kind(since: datetime, *kinds: Kind) -> Select[LedgerEntry]:
    return select(LedgerEntry).where(LedgerEntry.recorded_at >= since, LedgerEntry.kind.in_(kinds))


def _times() -> ColumnElement[int]:
    return func.count(distinct(LedgerEntry.operation_id))


def _counted(rows: Select[LedgerEntry], *names: str) -> Select[tuple[object, ...]]:
    """By card and these columns, the most frequent first."""
    by = [getattr(LedgerEntry, name) for name in names]
    keys = (LedgerEntry.card_id, Card.serial, ProgramRow.slug, *by)
    last = func.max(LedgerEntry.recorded_at, type_=UtcTime).label("last_at")
    return (
        rows.join(Card, Card.id == LedgerEntry.card_id)
        .join(ProgramRow, ProgramRow.id == LedgerEntry.program_id)
        .with_only_columns(*keys, _times().label("times"), last)
        .group_by(*keys)
        .order_by(_times().desc(), LedgerEntry.card_id)
        .limit(MOST)
    )


def _days(
    session: Session, card_id: int, since: datetime, program: Program, which: ColumnElement[bool]
) -> Counter[date]:
    """How often on each local day of the shop."""
    moments = session.execute(
        select(LedgerEntry.operation_id, func.min(LedgerEntry.occurred_at, type_=UtcTime).label("at"))
        .where(LedgerEntry.card_id == card_id, LedgerEntry.recorded_at >= since, which)
        .group_by(LedgerEntry.operation_id)
    )
    return Counter(local_day(row.at, program.time_zone) for row in moments)


def _servers(session: Session, card_id: int, since: datetime) -> Counter[str]:
    """Who served the card how often."""
    rows = session.execute(
        select(LedgerEntry.actor, _times().label("times"))
        .where(
            LedgerEntry.card_id == card_id,
            LedgerEntry.recorded_at >= since,
            LedgerEntry.kind.in_(SERVING),
        )
        .group_by(LedgerEntry.actor)
    )
    return Counter({row.actor: row.times for row in rows})
