"""A conversation with a mail server, which ends after a while whatever the other side does."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from threading import Timer
from typing import Any
from urllib.parse import SplitResult

PATIENCE = 10.0  # seconds for one answer
ALTOGETHER = 60.0
SUBMISSION, SUBMISSIONS = 25, 465


def dialled(server: SplitResult, altogether: float = ALTOGETHER) -> smtplib.SMTP:
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        return _OverTls(altogether, host, server.port or SUBMISSIONS, timeout=PATIENCE, context=context)
    line = _Line(altogether, host, server.port or SUBMISSION, timeout=PATIENCE)
    line.ehlo()
    return line


class _Line(smtplib.SMTP):
    def __init__(self, altogether: float, *server: Any, **how: Any) -> None:
        self._bell = Timer(altogether, _hang_up, (self,))  # the greeting is waited for below
        self._bell.daemon = True
        self._bell.start()
        try:
            super().__init__(*server, **how)
        except BaseException:
            self._bell.cancel()
            raise

    def close(self) -> None:
        self._bell.cancel()
        super().close()


class _OverTls(_Line, smtplib.SMTP_SSL):
    pass


def _hang_up(line: smtplib.SMTP) -> None:
    """Whoever waits for an answer learns at once that there is none."""
    spoken = getattr(line, "sock", None)
    if spoken is not None:
        with suppress(OSError):  # it ended at this moment
            spoken.shutdown(socket.SHUT_RDWR)
