"""Phones come in few at a time: a program's new look wakes all of them, and no till stands behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import BoundedSemaphore
from time import monotonic
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestTimeout
from werkzeug.wsgi import get_content_length, get_input_stream

from wallet_service.domain.errors import Unavailable
from wallet_service.web.request_log import PROBES

PHONES, OTHERS, ASKING = 3, 8, 3
"""At work at once. The server has a thread for each request that waits (docs/operations.md); these bound how
many compete for the interpreter and for connections to the database.
"""
PATIENCE = 30.0
"""Seconds that a request takes to come in, or waits for its turn: unless the database hangs nobody waits as
long, and whoever asked has gone by then, or will.
"""
ALIVE = "/healthz"
TURNED_AWAY = "wallet.turned_away"
MOST = 64 * 1024 + 2
"""Bytes of a body, one more than any door takes: what is longer must show (S18)."""


class Turnstile:
    """Three queues before all doors: who asks for what stands below `phones`, probes, and everybody else.
    Whether anybody is alive is asked past all of them.
    """

    def __init__(self, app: WSGIApplication, phones: str, patience: float = PATIENCE) -> None:
        self._app, self._below, self._patience = app, phones, patience
        self._phones, self._others = BoundedSemaphore(PHONES), BoundedSemaphore(OTHERS)
        self._probes = BoundedSemaphore(ASKING)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
                environ["wsgi.input"] = BytesIO(_heard_out(environ, monotonic() + self._patience))
        except (ClientDisconnected, RequestTimeout) as gone:
            return gone(environ, start)
        if environ["PATH_INFO"] == ALIVE:
            return self._app(environ, start)
        with self._turn(environ["PATH_INFO"]) as came:
            if not came:
                environ[TURNED_AWAY] = True
            return self._app(environ, start)

    @contextmanager
    def _turn(self, path: str) -> Iterator[bool]:
        """Whether it came in time. Over when the answer is made: ours are, before they are sent."""
        queue = self._queue(path)
        came = queue.acquire(timeout=self._patience)
        try:
            yield came
        finally:
            if came:
                queue.release()

    def _queue(self, path: str) -> BoundedSemaphore:
        if path in PROBES:
            return self._probes
        return self._phones if f"/{path.lstrip('/')}".startswith(self._below) else self._others


def turn_away() -> None:
    """First of all that is done for a request, so that each door says it in its own way."""
    if request.environ.get(TURNED_AWAY):
        raise Unavailable("Too many wait here already. Try again in a moment.", retry_after=10)


def _heard_out(environ: WSGIEnvironment, until: float) -> bytes:
    """Before anybody's turn, so that who sends a byte a minute holds up nobody, nor a thread for long."""
    said = get_content_length(environ)
    wanted, heard = min(said or MOST, MOST), b""
    stream = get_input_stream(environ)
    while len(heard) < wanted and (more := stream.read(wanted - len(heard))):
        heard += more
        if len(heard) < wanted and monotonic() > until:
            raise RequestTimeout
    if said and len(heard) < wanted:
        raise ClientDisconnected  # half a form must not pass for a whole one
    return heard
