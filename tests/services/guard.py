"""Keeps the test process on this machine: a connection to anywhere else is an error."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class OutsideWorld(Exception):
    """A test tried to reach another machine. Deliberately no OSError: nobody retries it away."""


@contextmanager
def only_loopback() -> Iterator[None]:
    before = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    for name, connect in before.items():
        setattr(socket.socket, name, _guarded(connect))
    try:
        yield
    finally:
        for name, connect in before.items():
            setattr(socket.socket, name, connect)


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def guarded(line: socket.socket, address: Any) -> Any:
        if line.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            line.close()
            raise OutsideWorld(f"A test tried to connect to {address[0]}; tests talk to this machine only.")
        return connect(line, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
