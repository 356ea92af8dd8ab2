"""A backup is put in the place of the database, which stands still from then on."""

from __future__ import annotations

import logging
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wallet_service.actions import backups, erasures, installation
from wallet_service.actions.back_up import Checked, look_through
from wallet_service.actions.backups import Backup
from wallet_service.db import migrate
from wallet_service.db.copies import Copies, copies_of
from wallet_service.db.session import Sessions
from wallet_service.domain.errors import Misconfigured, Unavailable, WalletError
from wallet_service.settings import Settings
from wallet_service.wiring import wallets_of

log = logging.getLogger(__name__)

NOW_WHAT = (
    "Nothing is booked and nothing is pushed yet. Start web service and worker; tills can look at cards.\n"
    "Then `flask wallet quarantine status` says what is missing, and `flask wallet quarantine open` goes on."
)
RESTORED = "The database was restored from a backup of {:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True)
class Restored:
    """`kept` is where the database of before is; `forgotten` are serials of members who were erased since."""

    taken_at: datetime
    kept: str
    checked: Checked
    forgotten: tuple[str, ...]


def drill(settings: Settings, backup: Backup, identity: str | None) -> Checked:
    """As a restore, beside the database and gone afterwards."""
    with _unpacked(settings, _copies(settings, backup), backup, identity) as address:
        return look_through(address, wallets_of(settings))


def restore(settings: Settings, backup: Backup, identity: str | None, now: datetime) -> Restored:
    """Everything is made ready beside; what is put in place at last stands still already (S29)."""
    copies = _copies(settings, backup)
    if copies.others():
        raise Unavailable("Web service or worker have the database open. Stop them first.")
    erased = erasures.kept(settings.backup_dir) | (_erased_before(settings) if copies.is_there() else set())
    with _unpacked(settings, copies, backup, identity) as address:
        checked = look_through(address, wallets_of(settings))
        forgotten = _made_ready(address, settings, erased, backup, now)
        kept = copies.put_in_place(address, backups.stamp(now))
    _settle_in(settings)
    return Restored(backup.taken_at, kept, checked, tuple(forgotten))


def _copies(settings: Settings, backup: Backup) -> Copies:
    copies = copies_of(settings.database_url)
    if copies.ending != backup.kind:
        raise Misconfigured(
            f"{backup.path.name} is of another kind of database than WALLET_DATABASE_URL. "
            "Restore it where it comes from; `flask wallet move` takes a database to another kind."
        )
    return copies


@contextmanager
def _unpacked(settings: Settings, copies: Copies, backup: Backup, identity: str | None) -> Iterator[str]:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=backups.BESIDE, dir=settings.data_dir) as beside:
        snapshot = Path(beside) / "snapshot"
        backups.unseal(backup, snapshot, identity)
        with copies.unpacked(snapshot) as address:
            _bring_up_to_date(address)
            yield address


def _bring_up_to_date(address: str) -> None:
    sessions = Sessions(address)
    migrate.upgrade(sessions.engine)
    sessions.close()


def _made_ready(
    address: str, settings: Settings, erased: set[str], backup: Backup, now: datetime
) -> list[str]:
    sessions = Sessions(address)
    try:
        with sessions.begin(in_quarantine=True) as session:
            installation.begin_new_life(session, secrets.token_bytes, now)
            installation.begin_quarantine(session, RESTORED.format(backup.taken_at), now, backup.taken_at)
        return erasures.forget_again(sessions, erased, wallets_of(settings), now)
    finally:
        sessions.close()


def _erased_before(settings: Settings) -> set[str]:
    """Of the database that is replaced, if it can still be read: nobody knows better whom it forgot last."""
    sessions = Sessions(settings.database_url)
    try:
        with sessions.read() as session:
            return erasures.listed(session)
    except Exception as error:  # noqa: BLE001 - it may be damaged in any way, or not be there at all
        told = error.detail if isinstance(error, WalletError) else type(error).__name__
        log.warning("the database of before cannot be read (%s)", told)
        return set()
    finally:
        sessions.close()


def _settle_in(settings: Settings) -> None:
    sessions = Sessions(settings.database_url)
    with sessions.read() as session:
        installation.remember(session, settings.data_dir)
    sessions.close()
