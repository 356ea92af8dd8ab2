"""What phones complain about: anybody may send it, so it is bounded and made harmless (S19).

What names a card of ours, or a phone that holds one, has room of its own: nobody can shout it down with
lines about nothing, and nobody can fill that room who has only a few cards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from wallet_service.apple.service.complaint_reading import Read, read
from wallet_service.db.tables import ApplePass, Card, Device, DeviceLog, Registration
from wallet_service.domain.errors import Invalid

MOST_LINES, LONGEST_LINE = 20, 1024
MOST_A_DAY, MOST_OF_CARDS_A_DAY = 1_000, 20_000
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class News:
    """A line that is worth keeping; `card` is the serial of ours that it is about."""

    said: Read
    card: str | None


def lines_of(body: object) -> list[str]:
    """W19: {"logs": ["...", ...]}; Invalid for everything else (W20)."""
    lines = body.get("logs") if isinstance(body, dict) else None
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise Invalid('A log has the form {"logs": ["...", ...]}.')
    return [harmless(line) for line in lines[:MOST_LINES]]


def harmless(line: str) -> str:
    """One line that cannot pretend to be two, nor reach a terminal; the same text, never ambiguous."""
    safe = (char if char.isprintable() and char != "\\" else _escaped(char) for char in line[:LONGEST_LINE])
    return "".join(safe).encode()[:LONGEST_LINE].decode(errors="ignore")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def worth_keeping(session: Session, lines: Sequence[str], now: datetime) -> Sequence[News]:
    """The first thousand lines of each day about nothing that we know, and many more about our cards."""
    cards = _cards(session, said := [read(line) for line in lines])
    news = [News(one, cards.get(one)) for one in said]
    strangers, ours = [one for one in news if not one.card], [one for one in news if one.card]
    room = _room(session, DeviceLog.serial.is_(None), MOST_A_DAY, now) if strangers else 0
    has_room = ours and _room(session, DeviceLog.serial.is_not(None), MOST_OF_CARDS_A_DAY, now)
    return [*strangers[:room], *(ours if has_room else ())]


def write(session: Session, news: Sequence[News], now: datetime) -> None:
    """Of a card and a kind of complaint the last line of the day: who repeats it takes no more room."""
    for one in news:
        if (known := _known(session, one, now)) is not None:
            known.received_at, known.line = now, one.said.line
        else:
            session.add(DeviceLog(received_at=now, line=one.said.line, kind=one.said.kind, serial=one.card))
            session.flush()


def _cards(session: Session, said: Sequence[Read]) -> Mapping[Read, str]:
    """By its serial, which nobody guesses; or by its phone, which nobody else knows (W11)."""
    serials = {one.serial for one in said if one.serial}
    known = set(session.scalars(select(Card.serial).where(Card.serial.in_(serials)))) if serials else set()
    found = {one: one.serial for one in said if one.serial in known}
    phones = {one.device for one in said if one.device and one not in found}
    held = _changed_last(session, phones) if phones else {}
    by_phone = {one: held[one.device] for one in said if one.device and one.device in held}
    return by_phone | found


def _changed_last(session: Session, phones: set[str]) -> Mapping[str, str]:
    """A phone that does not say which of its cards it means was asking what changed."""
    rows = session.execute(
        select(Device.library_id, Card.serial)
        .join(Registration, Registration.device_id == Device.id)
        .join(Card, Card.id == Registration.card_id)
        .join(ApplePass, ApplePass.card_id == Card.id)
        .where(Device.library_id.in_(phones))
        .order_by(ApplePass.change_number)
    )
    return {row.library_id: row.serial for row in rows}


def _room(session: Session, kind: ColumnElement[bool], most: int, now: datetime) -> int:
    kept = session.scalar(select(func.count()).where(DeviceLog.received_at >= _midnight(now), kind)) or 0
    return max(most - kept, 0)


def _known(session: Session, one: News, now: datetime) -> DeviceLog | None:
    if one.card is None:
        return None
    same = select(DeviceLog).where(DeviceLog.serial == one.card, DeviceLog.kind == one.said.kind)
    return session.scalar(same.where(DeviceLog.received_at >= _midnight(now)).limit(1))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
