"""Backups as files: what they are called, which are kept, and how they are sealed and opened."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage

from wallet_service.actions.whole_file import private, put
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured, Unavailable

NAME = re.compile(r"wallet-(\d{8}T\d{6}Z)\.(sqlite|pgdump)\.gz(\.age)?")
STAMP = "%Y%m%dT%H%M%SZ"
ALL_FOR = timedelta(hours=24)
DAILY_FOR = timedelta(days=35)
APART = timedelta(minutes=1)  # how far the clocks of two machines may differ
SEALED = ".age"
BESIDE = ".wallet-"
"""What is made on the way to a backup or a restore is called so."""
LEFT_BEHIND = timedelta(hours=6)


@dataclass(frozen=True)
class Backup:
    """`kind` is the database's: a backup goes back into the same kind."""

    path: Path
    taken_at: datetime
    kind: str

    @property
    def sealed(self) -> bool:
        return self.path.suffix == SEALED


def backups(folder: Path) -> list[Backup]:
    """Newest first."""
    found = [read for path in folder.glob("wallet-*") if (read := known(path))]
    return sorted(found, key=lambda one: one.taken_at, reverse=True)


def newest(folder: Path, now: datetime) -> Backup | None:
    """What is named later than now was named by a wrong clock."""
    return next((one for one in backups(folder) if one.taken_at <= now + APART), None)


def known(path: Path) -> Backup | None:
    read = NAME.fullmatch(path.name)
    if read is None:
        return None
    return Backup(path, datetime.strptime(read[1], STAMP).replace(tzinfo=UTC), read[2])


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(STAMP)


def name(taken_at: datetime, kind: str, *, sealed: bool) -> str:
    return f"wallet-{stamp(taken_at)}.{kind}.gz{SEALED if sealed else ''}"


def outlived(all_of_them: Iterable[datetime], now: datetime) -> set[datetime]:
    """Those that may go: all are kept for a day, then the last of each day for 35 days; the newest always."""
    times = sorted(all_of_them, reverse=True)
    last_of_day = {moment.date(): moment for moment in sorted(times)}
    daily = {moment for moment in last_of_day.values() if now - moment <= DAILY_FOR}
    fresh = {moment for moment in times if now - moment <= ALL_FOR}
    return set(times) - fresh - daily - set(times[:1])


def rotate(folder: Path, now: datetime) -> list[Path]:
    """Answers what it took away."""
    there = backups(folder)
    old = outlived((one.taken_at for one in there), now)
    gone = [one.path for one in there if one.taken_at in old]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def sweep(folders: Iterable[Path], now: datetime) -> None:
    """What a process that was killed left behind: whole databases in plain."""
    for path in {path for folder in folders for path in folder.glob(f"{BESIDE}*")}:
        with contextlib.suppress(FileNotFoundError):  # somebody else does the same
            if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > LEFT_BEHIND:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def seal(snapshot: Path, to: Path, recipient: str | None) -> None:
    """Compressed, and encrypted where there is a key. It has its name only once it is whole and on disk. What
    is not encrypted stays beside the snapshot: somebody may be carrying the backups away meanwhile.
    """
    packed, ready = snapshot.with_name(f"{snapshot.name}.packed"), to.with_name(f".{to.name}.part")
    try:
        with snapshot.open("rb") as plain, gzip.open(private(packed), "wb", compresslevel=1) as squeezed:
            shutil.copyfileobj(plain, squeezed, 1024 * 1024)
        private(ready)
        if recipient:
            pyrage.encrypt_file(str(packed), str(ready), [_recipient(recipient)])
        else:
            shutil.copyfile(packed, ready)
        put(ready, to)
    finally:
        packed.unlink(missing_ok=True)
        ready.unlink(missing_ok=True)


def unseal(backup: Backup, to: Path, identity: str | None) -> None:
    """`identity` is the private half (`AGE-SECRET-KEY-1...`)."""
    packed = to.with_name(f"{to.name}.packed")
    try:
        if backup.sealed:
            _decrypt(backup, packed, identity)
        with (
            gzip.open(packed if backup.sealed else backup.path) as squeezed,
            private(to).open("wb") as plain,
        ):
            shutil.copyfileobj(squeezed, plain, 1024 * 1024)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno:  # the disk's word, not that of who unpacks
            raise Unavailable(f"{backup.path.name} cannot be unpacked: {error.strerror}.") from error
        raise Unavailable(f"{backup.path.name} is damaged: {error}. Take another one.") from error
    finally:
        packed.unlink(missing_ok=True)


def key_in(file: Path) -> str:
    """Of a file as `age-keygen` writes it, with its comments."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    found = [line for line in lines if line.startswith("AGE-SECRET-KEY-1")]
    if not found:
        raise Misconfigured(f"{file} holds no private key (AGE-SECRET-KEY-1...).")
    return found[0]


def _decrypt(backup: Backup, to: Path, identity: str | None) -> None:
    if identity is None:
        raise Misconfigured(f"{backup.path.name} is encrypted. Name the file of its private key with --key.")
    try:
        key = pyrage.x25519.Identity.from_str(identity)
        pyrage.decrypt_file(str(backup.path), str(private(to)), [key])
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise Unavailable(
            f"{backup.path.name} does not open with this key, or is damaged: {error}."
        ) from error


def _recipient(key: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        said = "WALLET_BACKUP_KEY is no public age key. It begins with age1; `age-keygen` makes a pair."
        raise Misconfigured(Detail(said, "backup/bad-key")) from None
