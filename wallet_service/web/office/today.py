"""The manager's day in figures: one look at the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit_chain
from wallet_service.db.tables import (
    Alarm,
    AuditSeal,
    Card,
    DeviceLog,
    LedgerEntry,
    Outbox,
    ProgramRow,
    Registration,
)
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import offline
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind
from wallet_service.push.alarms import open_alarms
from wallet_service.web.office.flagged import Flagged, flagged
from wallet_service.web.office.shop_floor import all_programs, zone_of

LOG_LINES = 20


@dataclass(frozen=True)
class Figures:
    joined: int
    purchases: int
    rewards: int
    taken_back: int
    refunds: int
    flagged: int
    cards: int
    on_phones: int
    waiting: int
    parked: int


@dataclass(frozen=True)
class Today:
    """`zone` is the time zone of the shop, which says when its day began."""

    figures: Figures
    programs: tuple[Program, ...]
    expired: tuple[tuple[Program, int], ...]
    flagged: tuple[Flagged, ...]
    alarms: Sequence[Alarm]
    log: Sequence[DeviceLog]
    zone: str
    audit_head: AuditSeal | None


def today(session: Session, now: datetime) -> Today:
    known = all_programs(session)
    zone = zone_of(known)
    since = _midnight(now, zone)
    return Today(
        figures=_figures(session, since),
        programs=known,
        expired=tuple(
            (program, points) for program in known if (points := _expired(session, program, since))
        ),
        flagged=flagged(session, since),
        alarms=open_alarms(session),
        log=_heard_last(session),
        zone=zone,
        audit_head=audit_chain.head(session),
    )


def _midnight(now: datetime, zone: str) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _expired(session: Session, program: Program, since: datetime) -> int:
    """Points of this program that burnt."""
    burnt = (
        select(func.coalesce(func.sum(-LedgerEntry.points), 0))
        .join(ProgramRow, ProgramRow.id == LedgerEntry.program_id)
        .where(
            ProgramRow.slug == program.slug,
            LedgerEntry.kind == Kind.EXPIRE,
            LedgerEntry.recorded_at >= since,
        )
    )
    return int(session.scalar(burnt) or 0)


def _heard_last(session: Session) -> Sequence[DeviceLog]:
    """By their time: a line that is repeated keeps its row."""
    newest = select(DeviceLog).order_by(DeviceLog.received_at.desc(), DeviceLog.id.desc())
    return session.scalars(newest.limit(LOG_LINES)).all()


def _figures(session: Session, since: datetime) -> Figures:
    return Figures(
        joined=_count(session, select(Card.id).where(Card.created_at >= since)),
        purchases=_count(session, _entries(Kind.EARN, since)),
        rewards=_count(session, _entries(Kind.REDEEM, since)),
        taken_back=_count(session, _entries(Kind.REVERSE, since)),
        refunds=_count(session, _entries(Kind.REFUND, since)),
        flagged=_count(session, _flagged(since)),
        cards=_count(session, select(Card.id).where(Card.status == ACTIVE)),
        on_phones=_count(session, select(Registration.card_id).distinct()),
        waiting=_count(session, _notes(Outbox.parked.is_(False))),
        parked=_count(session, _notes(Outbox.parked.is_(True))),
    )


def _entries(kind: Kind, since: datetime) -> Select[int]:
    return select(LedgerEntry.id).where(LedgerEntry.kind == kind, LedgerEntry.recorded_at >= since)


def _flagged(since: datetime) -> Select[int]:
    """That a till had no network is nothing to look at by itself."""
    return select(LedgerEntry.id).where(LedgerEntry.recorded_at >= since, LedgerEntry.flags != offline.FLAG)


def _notes(which: ColumnElement[bool]) -> Select[int]:
    return select(Outbox.id).where(Outbox.told < Outbox.wanted, which)


def _count(session: Session, rows: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
