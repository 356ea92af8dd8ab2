"""What phones complained about lately, by kind; and an alarm when it is more than one odd phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from wallet_service.apple.service.device_log import KEPT_FOR
from wallet_service.db.tables import Card, DeviceLog, Registration
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.complaints import OURS, SERIOUS, Complaint

ALARM = "phones"
SHOWN, LINES = timedelta(days=7), 5
WATCHED = timedelta(hours=1)
MOST_SERIOUS, MOST_OTHERS = 5, 20  # cards within the time that is watched
REMEDY = "See the office, What phones report, and `flask wallet why` for one of the cards."


@dataclass(frozen=True)
class Group:
    """One kind: how many lines, of how many cards, and the last of them."""

    kind: str
    serious: bool
    lines: int
    cards: int
    last_at: datetime
    last: Sequence[DeviceLog]


def groups(session: Session, now: datetime) -> Sequence[Group]:
    """Serious ones first, then by their number."""
    kind = func.coalesce(DeviceLog.kind, Complaint.OTHER.value)
    rows = session.execute(
        select(
            kind.label("kind"),
            func.count().label("lines"),
            func.count(DeviceLog.serial.distinct()).label("cards"),
            func.max(DeviceLog.received_at, type_=DeviceLog.received_at.type).label("last_at"),
        )
        .where(DeviceLog.received_at > now - SHOWN)
        .group_by(kind)
    ).all()
    found = [_group(session, *row) for row in rows]
    return sorted(found, key=lambda one: (not one.serious, -one.lines))


def _group(session: Session, kind: str, lines: int, cards: int, last_at: datetime) -> Group:
    is_of_kind = DeviceLog.kind == kind
    if kind == Complaint.OTHER:
        is_of_kind |= DeviceLog.kind.is_(None)
    newest = session.scalars(
        select(DeviceLog)
        .where(is_of_kind)
        .order_by(DeviceLog.received_at.desc(), DeviceLog.id.desc())
        .limit(LINES)
    ).all()
    return Group(kind, kind in SERIOUS, lines, cards, last_at, newest)


def watch(session: Session, now: datetime) -> None:
    """Anybody can send lines, so only cards count that a phone really asks for."""
    held = exists().where(Registration.card_id == Card.id, Card.serial == DeviceLog.serial)
    rows = session.execute(
        select(DeviceLog.kind, func.count(DeviceLog.serial.distinct()))
        .where(DeviceLog.received_at > now - WATCHED, DeviceLog.kind.in_(OURS), held)
        .group_by(DeviceLog.kind)
    ).all()
    cards = {str(kind): count for kind, count in rows}
    for kind in sorted(OURS):
        count, most = cards.get(kind, 0), MOST_SERIOUS if kind in SERIOUS else MOST_OTHERS
        if count >= most:
            said = f"Phones of {count} cards complained of it within an hour. {REMEDY}"
            raise_alarm(session, ALARM, kind, Detail(said, "phones/complain", cards=count), now)
        elif count == 0:
            clear_alarm(session, ALARM, kind, now)


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(DeviceLog).where(DeviceLog.received_at < now - KEPT_FOR))
