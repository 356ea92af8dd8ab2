"""What only the operator can mend, raised once and shown until it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wallet_service.db.missing import insert_missing
from wallet_service.db.tables import Alarm
from wallet_service.domain.detail import facts_of

TICK = timedelta(microseconds=1)


def raise_alarm(session: Session, kind: str, subject: str, detail: str, now: datetime) -> None:
    """One row per thing, however many notice it at once; a thing that comes back is raised anew. A Detail can
    be said in other languages.
    """
    insert_missing(session, Alarm, kind=kind, subject=subject, detail=detail, raised_at=now)
    alarm = session.scalars(_of(kind, subject)).one()
    if alarm.cleared_at is not None:
        alarm.raised_at, alarm.cleared_at = now, None
        _put_back(alarm, now)
    alarm.detail, alarm.facts = detail, facts_of(detail)


def clear_alarm(session: Session, kind: str, subject: str, now: datetime) -> None:
    alarm = session.scalar(_of(kind, subject))
    if alarm is not None and alarm.cleared_at is None:
        alarm.raised_at, alarm.cleared_at = min(alarm.raised_at, now - TICK), now
        _put_back(alarm, now)


def keep_alarm(session: Session, kind: str, subject: str, detail: str | None, now: datetime) -> None:
    """Raised while there is something to say, and cleared when there is not."""
    if detail is None:
        clear_alarm(session, kind, subject, now)
    else:
        raise_alarm(session, kind, subject, detail, now)


def open_alarms(session: Session) -> Sequence[Alarm]:
    """Newest first."""
    return session.scalars(
        select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.raised_at.desc())
    ).all()


def _put_back(alarm: Alarm, now: datetime) -> None:
    """What a clock that is ahead of ours has told was told before this, whatever it wrote down."""
    if alarm.mailed_at is not None:
        alarm.mailed_at = min(alarm.mailed_at, now - TICK)


def _of(kind: str, subject: str) -> Select[Alarm]:
    return select(Alarm).where(Alarm.kind == kind, Alarm.subject == subject)
