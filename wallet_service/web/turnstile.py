"""Phones come in few at a time: a program's new look wakes all of them, and no till stands behind them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from threading import BoundedSemaphore
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_content_length, get_input_stream

PHONES, OTHERS = 3, 8
"""At work at once. The server has a thread for each request that waits (docs/operations.md); these bound how
many compete for the interpreter and for connections to the database.
"""
MOST = 64 * 1024 + 2
"""Bytes of a body, one more than any door takes: what is longer must show (S18)."""


class Turnstile:
    """Two queues before all doors: who asks for what stands below `phones`, and everybody else."""

    def __init__(self, app: WSGIApplication, phones: str) -> None:
        self._app, self._below = app, phones
        self._phones, self._others = BoundedSemaphore(PHONES), BoundedSemaphore(OTHERS)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
                environ["wsgi.input"] = BytesIO(_heard_out(environ))
        except ClientDisconnected as gone:
            return gone(environ, start)
        with self._queue(environ["PATH_INFO"]):
            return self._app(environ, start)

    def _queue(self, path: str) -> BoundedSemaphore:
        return self._phones if f"/{path.lstrip('/')}".startswith(self._below) else self._others


def _heard_out(environ: WSGIEnvironment) -> bytes:
    """Before anybody's turn, so that who sends a byte a minute holds up nobody."""
    said = get_content_length(environ)
    wanted, heard = min(said or MOST, MOST), b""
    stream = get_input_stream(environ)
    while len(heard) < wanted and (more := stream.read(wanted - len(heard))):
        heard += more
    if said and len(heard) < wanted:
        raise ClientDisconnected  # half a form must not pass for a whole one
    return heard
