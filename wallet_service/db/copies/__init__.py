"""Whole databases: copied while people work, unpacked beside, put in the place of the one that is lost."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from wallet_service.db.copies import postgres, sqlite


class Copies(Protocol):
    """One for each kind of database. `ending` is that of a snapshot's file."""

    ending: str

    def snapshot(self, to: Path) -> None:
        """Of one moment, while everybody goes on working."""

    def unpacked(self, snapshot: Path) -> AbstractContextManager[str]:
        """The address of a database of its own with what the snapshot holds, gone afterwards unless it was
        put in place.
        """

    def put_in_place(self, unpacked: str, stamp: str) -> str:
        """Answers where the database of before is kept. Unavailable while others have it open."""

    def is_there(self) -> bool:
        """The database itself; to ask it would make one."""

    def others(self) -> bool:
        """Does anybody else have the database open?"""


def copies_of(database_url: str) -> Copies:
    if make_url(database_url).get_backend_name() == "sqlite":
        return sqlite.SqliteCopies(database_url)
    return postgres.PostgresCopies(database_url)
