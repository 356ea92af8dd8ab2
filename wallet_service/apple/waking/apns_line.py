"""The wire to APNs, held back while a batch of pushes is written: libcurl writes each one by itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from wallet_service import metrics

CORK = getattr(socket, "TCP_CORK", None)  # Linux has it; elsewhere more packets go out, nothing else changes


class Line:
    """Knows the connection that libcurl opened last."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def open(self, _purpose: int, address: tuple[int, int, int, object]) -> socket.socket:
        """libcurl asks for each new connection; family, kind and protocol are its choice."""
        self.close()
        metrics.APNS_CONNECTIONS.inc()
        family, kind, protocol, _ = address
        self._socket = socket.socket(family, kind, protocol)
        return self._socket

    def close(self) -> None:
        """Ours is a duplicate of libcurl's: the connection ends when both are closed."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @contextmanager
    def held(self) -> Iterator[None]:
        self._cork(1)
        try:
            yield
        finally:
            self._cork(0)

    def _cork(self, on: int) -> None:
        if self._socket is not None and CORK is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, CORK, on)
