"""A private PostgreSQL cluster on a free port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.services.ports import LOOPBACK, free_port
from tests.services.programs import account, find, running

PACKAGE = "postgresql"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",  # the machine does not lose power during a test
    "shared_buffers": "32MB",
    "log_min_messages": "warning",
}


@contextmanager
def cluster(where: Path | None = None, /, **settings: str) -> Iterator[str]:
    """The address of its server, without a database name at the end. `settings` go before those of tests."""
    user = not_root()
    # Not under pytest's own folder: that one is closed to the user who runs the server.
    home = Path(tempfile.mkdtemp(prefix="wallet-postgres-", dir=where))
    try:
        if user:
            shutil.chown(home, user, user)
        initialise(home / "data", user)
        port = free_port()
        with running(
            server_command(home / "data", port, SETTINGS | settings),
            home.with_suffix(".log"),
            lambda: answers(port),
            user=user,
        ):
            yield f"postgresql://postgres@{LOOPBACK}:{port}"
    finally:
        shutil.rmtree(home)
        home.with_suffix(".log").unlink(missing_ok=True)


@contextmanager
def database(server: str, template: str = "template1") -> Iterator[str]:
    """A fresh one, empty unless copied; SQLAlchemy's address of it."""
    name = f"test_{uuid4().hex}"
    create(server, name, template)
    try:
        yield address(server, name)
    finally:
        drop(server, name)


def create(server: str, name: str, template: str = "template1") -> None:
    """Copied file by file, which is the quicker way for small ones."""
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def drop(server: str, name: str) -> None:
    _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def address(server: str, name: str) -> str:
    """As SQLAlchemy takes it. A machine full of tests may stand still for as long as a shop's must not."""
    patience = "-cidle_in_transaction_session_timeout%3D60s"
    return f"{server.replace('postgresql', 'postgresql+psycopg', 1)}/{name}?options={patience}"


def not_root() -> str | None:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    return "postgres" if os.geteuid() == 0 else None


def initialise(data: Path, user: str | None) -> None:
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    command = [_binary("initdb"), f"--pgdata={data}", *options]
    made = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **account(user))
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")


def server_command(data: Path, port: int, settings: Mapping[str, str]) -> list[str]:
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [_binary("postgres"), "-D", str(data), f"--port={port}", *options]


def _binary(name: str) -> str:
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: -float(found.parent.name))
    return str(find(name, PACKAGE, also_in=homes))


def answers(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://postgres@{LOOPBACK}:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _execute(server: str, statement: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement.encode())
