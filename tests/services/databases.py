"""The databases of a test run: of which kinds, and each a copy of one that was migrated before.

`TESTS_ON=sqlite` or `TESTS_ON=postgresql` puts the whole run on one of them, the latter with Redis as its
queue; without it, tests of what may differ run on both, and all others on SQLite.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from tests.services import postgres, redis
from tests.services.memory import in_memory
from wallet_service.db import migrate
from wallet_service.db.session import Sessions

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ON = os.environ.get("TESTS_ON", "")
KINDS = [ON] if ON else [SQLITE, POSTGRESQL]
LARGE = ON == POSTGRESQL

_until_the_end = ExitStack()
_queues = count(1)
_of_folders: dict[Path, dict[str, str]] = {}
_entered: list[Engine] = []


def settings_of(folder: Path) -> dict[str, str]:
    """What makes whoever works in `folder` share one database and one queue; nothing on SQLite, which has
    both in the folder.
    """
    if LARGE and folder not in _of_folders:
        _of_folders[folder] = _opened(folder, _migrated())
    return _of_folders.get(folder, {})


def copied(old: Path, new: Path) -> None:
    """A folder with all that its database holds, while nobody is in there."""
    shutil.copytree(old, new)
    if LARGE:
        settings_of(old)
        _of_folders[new] = _opened(new, _name(old))


def forget(folder: Path) -> None:
    """Whatever was opened in it or below. A shop that several tests share connects again by itself."""
    while _entered:
        _entered.pop().dispose()
    for known in [known for known in _of_folders if known.is_relative_to(folder)]:
        postgres.drop(server(), _name(known))
        del _of_folders[known]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """One that is migrated, and dropped in the end."""
    if kind == SQLITE:
        file = folder / "wallet.db"
        shutil.copyfile(_migrated_file(), file)
        yield f"sqlite:///{file}"
    else:
        with postgres.database(server(), _migrated()) as address:
            yield address


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    if kind == SQLITE:
        yield f"sqlite:///{folder / 'wallet.db'}"
    else:
        with postgres.database(server()) as address:
            yield address


def migrated(engine: Engine) -> None:
    """As `migrate.upgrade` does, only quicker."""
    _entered.append(engine)
    file = Path(engine.url.database or "")
    if engine.dialect.name == SQLITE and not file.exists():
        shutil.copyfile(_migrated_file(), file)
    if _version(engine) != _newest():
        migrate.upgrade(engine)


@cache
def server() -> str:
    """PostgreSQL, from the first time that somebody asks."""
    return _until_the_end.enter_context(postgres.cluster(in_memory()))


@cache
def broker() -> str:
    """Redis, from the first time that somebody asks; without the number of a database."""
    folder = _until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="wallet-redis-"))
    return _until_the_end.enter_context(redis.server(Path(folder))).removesuffix("/0")


def stop() -> None:
    _until_the_end.close()


def _opened(folder: Path, template: str) -> dict[str, str]:
    postgres.create(server(), _name(folder), template)
    return {
        "WALLET_DATABASE_URL": postgres.address(server(), _name(folder)),
        "WALLET_QUEUE_URL": f"{broker()}/{next(_queues)}",
    }


def _name(folder: Path) -> str:
    return f"of_{hashlib.sha256(bytes(folder)).hexdigest()[:24]}"


@cache
def _migrated() -> str:
    """The name of a database that nobody enters."""
    postgres.create(server(), "migrated")
    _upgrade(postgres.address(server(), "migrated"))
    return "migrated"


@cache
def _migrated_file() -> Path:
    folder = _until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="wallet-migrated-"))
    _upgrade(f"sqlite:///{folder}/wallet.db")
    return Path(folder) / "wallet.db"


def _upgrade(address: str) -> None:
    sessions = Sessions(address)
    migrate.upgrade(sessions.engine)
    sessions.close()


def _version(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found
    except DatabaseError:
        return None


@cache
def _newest() -> str | None:
    sessions = Sessions(f"sqlite:///{_migrated_file()}")
    try:
        return _version(sessions.engine)
    finally:
        sessions.close()
