"""Free ports on this machine."""

from __future__ import annotations

import os
import random
import socket

LOOPBACK = "127.0.0.1"
# below the range from which the system takes ports for outgoing connections: those come and go at any time
LOWEST, HIGHEST = 20_000, 32_000
SHARES = 12  # of processes that test side by side: between looking and listening no other takes the port
_given: set[int] = set()


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, as `make run` needs them."""
    lowest, highest = _share()
    for _ in range(100):
        first = random.randrange(lowest, highest - count)
        ports = range(first, first + count)
        if _given.isdisjoint(ports) and all(map(_is_free, ports)):
            _given.update(ports)
            return first
    raise RuntimeError(f"No {count} free ports in a row on {LOOPBACK}.")


def _share() -> tuple[int, int]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return LOWEST, HIGHEST
    size = (HIGHEST - LOWEST) // SHARES
    lowest = LOWEST + int(worker.removeprefix("gw")) % SHARES * size
    return lowest, lowest + size


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
