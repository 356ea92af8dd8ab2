"""The list of whom we forgot, kept beside the backups: whatever is restored forgets them again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from wallet_service.actions import forget_part
from wallet_service.actions.erase import RESTORED, erase
from wallet_service.actions.forget_part import BETWEEN
from wallet_service.actions.whole_file import write_whole
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Card, Erasure
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured

FILE = "erased.json"


def listed(session: Session) -> set[str]:
    """Serial numbers, some with a kind of data behind them; they name nobody."""
    return set(session.scalars(select(Erasure.serial)))


def keep_beside(sessions: Sessions, folder: Path) -> None:
    """Nothing is ever taken off the list: a restore makes the table shorter, not the file."""
    with sessions.read() as session:
        ours = listed(session)
    known = kept(folder)
    if ours <= known:
        return
    write_whole(folder / FILE, json.dumps(sorted(known | ours)))


class KeptBeside:
    """The list as a job keeps it: it is read again when it has grown, or when somebody touched the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, tuple[int, int] | None] | None = None

    def look(self, sessions: Sessions) -> None:
        with sessions.read() as session:
            length = session.scalar(select(func.count()).select_from(Erasure)) or 0
        if self._seen != (length, self._mark()):
            keep_beside(sessions, self._folder)
            self._seen = length, self._mark()

    def _mark(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / FILE).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size


def kept(folder: Path) -> set[str]:
    try:
        return set(json.loads((folder / FILE).read_text()))
    except FileNotFoundError:
        return set()
    except (ValueError, TypeError) as error:
        path = folder / FILE
        said = f"{path} cannot be read: {error}. It is the list of the forgotten: put back the one "
        said += "that was carried away with the backups."
        raise Misconfigured(Detail(said, "backup/forgotten", path=str(path))) from error


def forget_again(
    sessions: Sessions, serials: Iterable[str], wallets: tuple[str, ...], now: datetime
) -> list[str]:
    """Those of them who were members still when the backup was taken; each in a transaction of its own."""
    again = []
    for serial in sorted(serials):
        with sessions.begin(in_quarantine=True) as session:
            if BETWEEN in serial:
                forget_part.forget_again(session, serial, now)
            elif _is_a_member(session, serial):
                erase(session, card=serial, wallets=wallets, now=now, reason=RESTORED)
                again.append(serial)
    return again


def _is_a_member(session: Session, serial: str) -> bool:
    """Also one of whom no name was ever known: their card, its number and their phones are back, too."""
    forgotten = exists().where(Erasure.serial == Card.serial)
    return session.scalar(select(Card.id).where(Card.serial == serial, ~forgotten)) is not None
