"""A member wants a part of what is kept about them to be gone, such as their phone number, and stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.actions.erase import SERVICE, WORDS, locked, note_erasure
from wallet_service.db.tables import Card, Member

VERB = "member-part-erased"
BETWEEN = "/"
"""On the list of the forgotten, between the serial number and the kind of data."""


def forget_part(
    session: Session, *, card: str, kinds: Collection[str], now: datetime, actor: str = SERVICE
) -> tuple[str, ...]:
    """Answers the kinds that there were. Of all cards of the person; no wallet shows any of it, so none is
    told.
    """
    gone: set[str] = set()
    for row in locked(session, card):
        found = [kind for kind in WORDS if kind in kinds and getattr(row.member, kind) is not None]
        for kind in found:
            _forget(row.member, kind)
        for kind in kinds:
            note_erasure(session, f"{row.serial}{BETWEEN}{kind}", now)
        if found:
            audit.write(session, actor, VERB, f"card:{row.serial}", {"kinds": found}, now)
        gone.update(found)
    return tuple(kind for kind in WORDS if kind in gone)


def forget_again(session: Session, entry: str, now: datetime) -> bool:
    """After a restore: whether there was anything to forget."""
    serial, _between, kind = entry.partition(BETWEEN)
    known = session.scalar(select(Card.id).where(Card.serial == serial))
    return known is not None and bool(forget_part(session, card=serial, kinds=[kind], now=now))


def _forget(member: Member, kind: str) -> None:
    setattr(member, kind, None)
    if kind == "phone":
        member.phone_tail = None
