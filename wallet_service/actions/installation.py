"""Which life of the database this is, and whether anybody may book in it (S29).

`life` is drawn anew with each restore; its second half is the place where the database is at home. A file
beside the data knows it too, and how far the ledger was: so a copy that starts elsewhere is noticed, and a
database that somebody put back by hand.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions.whole_file import write_whole
from wallet_service.db.missing import insert_missing
from wallet_service.db.place import LENGTH, place
from wallet_service.db.tables import Installation, LedgerEntry
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured
from wallet_service.push.alarms import clear_alarm, raise_alarm

log = logging.getLogger(__name__)

ONLY = 1
FILE = "life.json"
ALARM = SUBJECT = "quarantine"
ELSEWHERE = "The database is a copy, or it was moved to another place."
BEHIND = "The database stands where it has been before: somebody put an older one back."

Entropy = Callable[[int], bytes]


@dataclass(frozen=True)
class Remembered:
    """What the file knows: the life, and the highest ledger entry that was seen."""

    life: str
    entries: int


@dataclass(frozen=True)
class Standing:
    """`quarantined_at` is set while nothing may be booked; `restored_from` is when the backup was taken,
    None when nobody knows.
    """

    life: str
    quarantined_at: datetime | None
    restored_from: datetime | None
    opened_at: datetime | None


def standing(session: Session) -> Standing | None:
    """None where nobody has settled in yet."""
    row = session.get(Installation, ONLY)
    if row is None:
        return None
    return Standing(row.life, row.quarantined_at, row.restored_from, row.opened_at)


def stands_still(session: Session) -> bool:
    asked = select(Installation.id).where(Installation.quarantined_at.is_not(None))
    return session.scalar(asked) is not None


def settle_in(session: Session, folder: Path, entropy: Entropy, now: datetime) -> str | None:
    """Before anything is done with the database. Answers why it stands still from now on, if it is another
    than this place knows. The file is written before the transaction ends, so that nobody finds one without
    the other.
    """
    here = place(session)
    life = _drawn(entropy, here)
    if insert_missing(session, Installation, id=ONLY, life=life, created_at=now):
        remember(session, folder)
        return None
    row = session.get_one(Installation, ONLY, with_for_update=True, populate_existing=True)
    strange = _strange(row, _remembered(folder), here, _entries(session))  # read while nobody else settles in
    if strange:
        row.life = life
        begin_quarantine(session, strange, now)
    session.flush()
    remember(session, folder)
    return strange


def begin_quarantine(
    session: Session, why: str, now: datetime, restored_from: datetime | None = None
) -> None:
    row = session.get_one(Installation, ONLY)
    row.quarantined_at, row.restored_from = row.quarantined_at or now, restored_from
    said = f"{why} Nothing is booked and nothing is pushed: see `flask wallet quarantine status`."
    raise_alarm(session, ALARM, SUBJECT, Detail(said, "quarantine/stands"), now)
    log.warning("quarantine: %s", why)


def begin_new_life(session: Session, entropy: Entropy, now: datetime) -> None:
    """Of a database that was just restored, which may have none yet."""
    life = _drawn(entropy, place(session))
    insert_missing(session, Installation, id=ONLY, life=life, created_at=now)
    session.get_one(Installation, ONLY).life = life


def end_quarantine(session: Session, now: datetime) -> None:
    row = session.get_one(Installation, ONLY)
    row.quarantined_at, row.opened_at = None, now
    clear_alarm(session, ALARM, SUBJECT, now)


def remember(session: Session, folder: Path) -> None:
    row = session.get(Installation, ONLY)
    said = Remembered(row.life, _entries(session)) if row is not None else None
    if said is not None and said != _remembered(folder):
        write_whole(folder / FILE, json.dumps(asdict(said)))


def forget_place(folder: Path) -> None:
    """The next one that settles in here is at home."""
    (folder / FILE).unlink(missing_ok=True)


def _drawn(entropy: Entropy, here: str | None) -> str:
    return entropy(LENGTH // 2).hex() + (here or entropy(LENGTH // 2).hex())


def _strange(row: Installation, known: Remembered | None, here: str | None, entries: int) -> str | None:
    same_life = known is not None and known.life == row.life
    if here is None and not same_life:
        return ELSEWHERE
    if here is not None and row.life[LENGTH:] != here:
        return ELSEWHERE
    return BEHIND if same_life and known is not None and known.entries > entries else None


def _remembered(folder: Path) -> Remembered | None:
    try:
        return Remembered(**json.loads((folder / FILE).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    except OSError as error:  # taken for a copy the shop would stand still
        raise Misconfigured(
            f"{folder / FILE} cannot be read: {error.strerror}. Give {folder} and all in it to the user whom "
            "web service and worker run as, and type commands as that user."
        ) from error


def _entries(session: Session) -> int:
    return session.scalar(select(func.max(LedgerEntry.id))) or 0
