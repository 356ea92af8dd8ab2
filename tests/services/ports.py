"""Free ports on this machine."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, as `make run` needs them."""
    for _ in range(100):
        first = _any_port()
        if first + count < 65_536 and all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"No {count} free ports in a row on {LOOPBACK}.")


def _any_port() -> int:
    with socket.socket() as asked:
        asked.bind((LOOPBACK, 0))
        return int(asked.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
