"""A private Redis on a free port that writes nothing to disk."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.ports import LOOPBACK, free_port
from tests.services.programs import find, running


@contextmanager
def server(folder: Path) -> Iterator[str]:
    port = free_port()
    options = [
        "--bind",
        LOOPBACK,
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
        "--databases",
        "4096",  # one for each shop that a test opens
        "--dir",
        str(folder),
    ]
    command = [str(find("redis-server", "redis-server")), *options]
    with running(command, folder / "redis.log", lambda: answers(port)):
        yield f"redis://{LOOPBACK}:{port}/0"


def answers(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
