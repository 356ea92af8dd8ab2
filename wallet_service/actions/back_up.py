"""A backup is taken while people work: looked through, sealed, and what outlived its time goes."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from wallet_service.actions import backups, erasures
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.actions.services import Services
from wallet_service.db.copies import Copies, copies_of
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Card, JobTurn, LedgerEntry
from wallet_service.push.clock_watch import is_trusted

MADE = "backup made"
TOLD = 20
"""So many findings are kept as an example: a damaged database may have one for each of a million cards."""


@dataclass(frozen=True)
class Checked:
    """What a copy holds, how much does not add up in it, and the first of that."""

    cards: int
    entries: int
    amiss: int
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """`checked` is None where nobody looked through it."""

    path: Path
    checked: Checked | None


def back_up(services: Services, now: datetime, *, check: bool = True) -> Made:
    """`check` unpacks the copy into a database of its own and makes its ledger again."""
    settings = services.settings
    folder, copies = settings.backup_dir, copies_of(settings.database_url)
    for one in (folder, settings.data_dir):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    to = folder / backups.name(now, copies.ending, sealed=settings.backup_key is not None)
    backups.sweep((folder, settings.data_dir), now)
    with tempfile.TemporaryDirectory(prefix=backups.BESIDE, dir=settings.data_dir) as beside:
        snapshot = Path(beside) / "snapshot"
        copies.snapshot(snapshot)
        checked = _checked(copies, snapshot, services.wallets) if check else None
        backups.seal(snapshot, to, settings.backup_key)
    erasures.keep_beside(services.sessions, folder)
    _note(services, now)
    if is_trusted(services.sessions, now):  # what a wrong clock takes for old is gone
        backups.rotate(folder, now)
    return Made(to, checked)


def last_made(services: Services, now: datetime) -> datetime | None:
    """By whichever machine: the others' folders are not here."""
    with services.sessions.read() as session:
        told = session.scalar(select(JobTurn.slot).where(JobTurn.name == MADE))
    here = backups.newest(services.settings.backup_dir, now)
    known = [here.taken_at] if here else []
    if told is not None and told <= now + backups.APART:
        known.append(told)
    return max(known, default=None)


def look_through(database_url: str, wallets: Sequence[str]) -> Checked:
    """Invariants 1 to 4 and the rest of the ledger's check."""
    sessions = Sessions(database_url)
    cards, entries, amiss, findings = 0, 0, 0, list[str]()
    try:
        for part in check_ledger(sessions, wallets=tuple(wallets)):
            cards, entries, amiss = cards + part.cards, entries + part.entries, amiss + len(part.findings)
            findings += [str(finding) for finding in part.findings[: TOLD - len(findings)]]
    finally:
        sessions.close()
    return Checked(cards, entries, amiss, tuple(findings))


def size(services: Services) -> int:
    """Cards and entries, by the highest numbers, which costs nothing."""
    with services.sessions.read() as session:
        return sum(session.scalar(select(func.max(one.id))) or 0 for one in (Card, LedgerEntry))


def _note(services: Services, now: datetime) -> None:
    with services.sessions.begin(in_quarantine=True) as session:
        session.merge(JobTurn(name=MADE, slot=now))


def _checked(copies: Copies, snapshot: Path, wallets: Sequence[str]) -> Checked:
    with copies.unpacked(snapshot) as address:
        return look_through(address, wallets)
