"""PostgreSQL's own pg_dump and pg_restore, always into a database of its own that is then renamed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url

from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured, Unavailable

HOMES = Path("/usr/lib/postgresql")
MAINTENANCE = "postgres"
LONGEST_NAME = 63
LEFT_BEHIND = 6 * 3600  # seconds
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"


class PostgresCopies:
    ending = "pgdump"

    def __init__(self, database_url: str) -> None:
        self._url = make_url(database_url)
        self._name = self._url.database or ""

    def snapshot(self, to: Path) -> None:
        options = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--file={to}"]
        _run("pg_dump", options, self._url)

    @contextmanager
    def unpacked(self, snapshot: Path) -> Iterator[str]:
        self._drop_left_behind()
        name = f"{self._name[:40]}_copy_{int(time.time()):08x}_{secrets.token_hex(4)}"
        beside = self._url.set(database=name)
        self._maintain("CREATE DATABASE {} TEMPLATE template0", beside.database or "")
        try:
            _run("pg_restore", ["--exit-on-error", "--no-owner", "--no-privileges", str(snapshot)], beside)
            yield beside.render_as_string(hide_password=False)
        finally:
            self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)", beside.database or "")

    def put_in_place(self, unpacked: str, stamp: str) -> str:
        if self.others():
            raise Unavailable("Web service or worker are connected to the database. Stop them first.")
        ready, kept = make_url(unpacked).database or "", f"{self._name}_before_{stamp}"[:LONGEST_NAME].lower()
        before = self.is_there()
        if before:
            self._maintain("ALTER DATABASE {} RENAME TO {}", self._name, kept)
        self._maintain("ALTER DATABASE {} RENAME TO {}", ready, self._name)
        return kept if before else ""

    def others(self) -> bool:
        with _connected(self._url.set(database=MAINTENANCE)) as connection:
            found = connection.execute(CONNECTED, [self._name]).fetchone()
        return bool(found and found[0])

    def is_there(self) -> bool:
        with _connected(self._url.set(database=MAINTENANCE)) as connection:
            asked = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self._name])
            return asked.fetchone() is not None

    def _drop_left_behind(self) -> None:
        """Copies of a process that was killed; their names say since when they are there."""
        ours = re.compile(rf"{re.escape(self._name[:40])}_copy_([0-9a-f]{{8}})_[0-9a-f]{{8}}")
        with _connected(self._url.set(database=MAINTENANCE)) as connection:
            names = [str(row[0]) for row in connection.execute("SELECT datname FROM pg_database")]
        for name in names:
            copy = ours.fullmatch(name)
            if copy and time.time() - int(copy[1], 16) > LEFT_BEHIND:
                self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _maintain(self, statement: str, *names: str) -> None:
        try:
            with _connected(self._url.set(database=MAINTENANCE)) as connection:
                connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        except psycopg.errors.InsufficientPrivilege as error:
            role, ours = self._url.username or "wallet", self._name
            order = f"ALTER ROLE {role} CREATEDB; ALTER DATABASE {ours} OWNER TO {role};"
            said = (
                "A backup is unpacked into a database of its own, which then takes the place of ours; this "
                f"role may not do that. As PostgreSQL's administrator: {order}"
            )
            raise Misconfigured(Detail(said, "copy/role", order=order)) from error


@contextmanager
def _connected(url: URL) -> Iterator[psycopg.Connection[Any]]:
    try:
        with psycopg.connect(_words(url), autocommit=True, connect_timeout=5) as connection:
            yield connection
    except psycopg.OperationalError as error:
        said = Detail(f"The database server does not answer: {error}", "copy/silent", why=str(error))
        raise Unavailable(said, retry_after=5) from error


def _run(program: str, options: Sequence[str], url: URL) -> None:
    """The password goes by the environment: a command line can be read by everybody on the machine."""
    password = url.password or url.query.get("password")
    env = dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
    command = [fitting(program, _release(url)), *options, f"--dbname={without_password(url)}"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip()[:400]
        raise Unavailable(Detail(f"{program} failed: {why}", "copy/program", program=program, why=why))


def without_password(url: URL) -> str:
    nobody = url._replace(password=None)  # `set` would keep it: None is nothing to set
    return _words(nobody.difference_update_query(["password"]))


def _words(url: URL) -> str:
    """As PostgreSQL's own programs take it: in addresses they read some signs otherwise than SQLAlchemy."""
    _, named = url.get_dialect()().create_connect_args(url)
    return make_conninfo(**named)


def _release(url: URL) -> int:
    with _connected(url) as connection:
        return connection.info.server_version // 10_000


def fitting(program: str, server: int, homes: Path = HOMES) -> str:
    """That of the server's release, or the next: an older one refuses the server, and a much newer one writes
    what the server does not take back.
    """
    there = {int(home.parent.name): home for home in homes.glob("*/bin") if home.parent.name.isdigit()}
    for release in sorted(there, key=lambda one: (one < server, abs(one - server))):
        if (there[release] / program).exists():
            return str(there[release] / program)
    if found := shutil.which(program):
        return found
    said = f"{program} is missing. Install PostgreSQL's client programs."
    raise Misconfigured(Detail(said, "copy/no-program", program=program))
