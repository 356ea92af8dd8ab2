"""Free ports on this machine."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
# below the range from which the system takes ports for outgoing connections: those come and go at any time
LOWEST, HIGHEST = 20_000, 32_000


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, as `make run` needs them."""
    for _ in range(100):
        first = random.randrange(LOWEST, HIGHEST - count)
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"No {count} free ports in a row on {LOOPBACK}.")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
