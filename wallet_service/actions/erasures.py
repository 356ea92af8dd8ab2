"""The list of whom we forgot, kept beside the backups: whatever is restored forgets them again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.erase import erase
from wallet_service.actions.whole_file import write_whole
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Card, Erasure, Member

FILE = "erased.json"
ABOUT_THEM = (Member.name, Member.phone, Member.email, Member.birthday, Member.reference)


def listed(session: Session) -> set[str]:
    """Serial numbers; they name nobody."""
    return set(session.scalars(select(Erasure.serial)))


def keep_beside(sessions: Sessions, folder: Path) -> None:
    """Nothing is ever taken off the list: a restore makes the table shorter, not the file."""
    with sessions.read() as session:
        ours = listed(session)
    known = kept(folder)
    if ours <= known:
        return
    write_whole(folder / FILE, json.dumps(sorted(known | ours)))


def kept(folder: Path) -> set[str]:
    try:
        return set(json.loads((folder / FILE).read_text()))
    except FileNotFoundError:
        return set()


def forget_again(
    sessions: Sessions, serials: Iterable[str], wallets: tuple[str, ...], now: datetime
) -> list[str]:
    """Those of them whom the backup still knew; each in a transaction of its own."""
    again = []
    for serial in sorted(serials):
        with sessions.begin(in_quarantine=True) as session:
            if _still_known(session, serial):
                erase(session, card=serial, wallets=wallets, now=now)
                again.append(serial)
    return again


def _still_known(session: Session, serial: str) -> bool:
    query = select(Card.id).join(Member, Member.id == Card.member_id).where(Card.serial == serial)
    said = [column.is_not(None) for column in ABOUT_THEM]
    return any(session.scalar(query.where(one)) is not None for one in said)
