"""SQLite's own online backup: never a plain copy of the file, whose newest rows lie in another."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Unavailable

LOCKS, LOCK_BYTES = 0x40000000, 512
"""Where in its file SQLite locks; every connection in WAL mode holds a shared lock there."""
BESIDE = ("-wal", "-shm")


class SqliteCopies:
    ending = "sqlite"

    def __init__(self, database_url: str) -> None:
        self._path = Path(make_url(database_url).database or "")

    def snapshot(self, to: Path) -> None:
        """In one step: a writer neither waits for it nor makes it begin anew."""
        try:
            with closing(sqlite3.connect(self._path)) as ours, closing(sqlite3.connect(to)) as copy:
                copy.execute("PRAGMA synchronous=OFF")
                ours.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
        except sqlite3.Error as error:
            said = Detail(f"The database cannot be copied: {error}.", "copy/failed", why=str(error))
            raise Unavailable(said) from error
        with to.open("rb") as file:
            os.fsync(file.fileno())

    @contextmanager
    def unpacked(self, snapshot: Path) -> Iterator[str]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".wallet-", dir=self._path.parent))
        try:
            file = folder / "wallet.db"
            file.touch(0o600)
            shutil.copyfile(snapshot, file)
            _require_whole(file)
            yield f"sqlite:///{file}"
        finally:
            shutil.rmtree(folder)

    def put_in_place(self, unpacked: str, stamp: str) -> str:
        if self.others():
            raise Unavailable("Web service and worker have the database open. Stop them first.")
        ready = Path(make_url(unpacked).database or "")
        with closing(sqlite3.connect(ready)) as whole:
            whole.execute("PRAGMA journal_mode=DELETE")
        kept = self._put_aside(stamp)
        ready.replace(self._path)
        _keep_names(self._path.parent)
        return kept

    def is_there(self) -> bool:
        """A damaged one is, and an empty file is not: any command that starts makes that."""
        if not self._path.exists():
            return False
        try:
            with closing(sqlite3.connect(self._path)) as found:
                return found.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
        except sqlite3.Error:
            return True

    def others(self) -> bool:
        """By SQLite's own locks, so that a damaged file can be asked, too. We have none open ourselves."""
        if not self._path.exists():
            return False
        with self._path.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCK_BYTES, LOCKS)
            except OSError:
                return True
        return False

    def _put_aside(self, stamp: str) -> str:
        """With what lies beside it: the newest rows may be there alone."""
        kept = self._path.with_name(f"{self._path.name}.before-{stamp}")
        worth_it = self.is_there()
        for ending in ("", *BESIDE):
            part = self._path.with_name(self._path.name + ending)
            if part.exists():
                part.replace(kept.with_name(kept.name + ending)) if worth_it else part.unlink()
        return str(kept) if worth_it else ""


def _require_whole(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as found:
            said = found.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise Unavailable(f"The backup is damaged: {said}. Take another one.")


def _keep_names(folder: Path) -> None:
    """A renamed file is only kept with its folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
