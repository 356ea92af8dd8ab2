"""Every request by the name it goes by: from the door through the log and the outbox to the phone."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Request

from wallet_service import metrics
from wallet_service.push.request_id import LONGEST, request_id

log = logging.getLogger(__name__)

HEADER = "X-Request-Id"
WELL_FORMED = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST - 1}}}")
PROBES = ("/healthz", "/readyz", "/metrics")
NAMELESS = re.compile(r"([\w-]+|\d+(\.\d+){3}|\[[0-9A-Fa-f:]+\])(:\d+)?", re.ASCII)
"""Hosts by which a machine of the own network calls us; S14 is about names, which others can point here."""
QUIET = ("probes", "pictures")
ROOMS = {
    "api": "api",
    "apple": "apple",
    "google": "google",
    "till": "till",
    "till_page": "till",
    "installable": "till",
    "door": "till",
    "join": "join",
    "member": "member",
    "member_code": "member",
    "pictures": "pictures",
    "shared": "pictures",
    "health": "probes",
    "figures": "probes",
}
"""By blueprint; what begins with `office` is the office, all others are pages."""
LOOKS = ("GET", "HEAD")
SLOW = 1.0  # seconds


class Doorkeeper:
    """Stands before all doors."""

    def __init__(self, app: WSGIApplication, host: str) -> None:
        self._app, self._host = app, host

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        began, named = perf_counter(), _named(environ.get("HTTP_X_REQUEST_ID"))
        if environ["PATH_INFO"] in PROBES and NAMELESS.fullmatch(environ.get("HTTP_HOST", "")):
            environ["HTTP_HOST"] = self._host
        asked, status = None, "500"

        def started(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal asked, status
            asked, status = environ.get("werkzeug.request"), line[:3]  # gone when the answer is out
            headers.append((HEADER, named))
            return start(line, headers, *more)

        before = request_id.set(named)
        try:
            return self._app(environ, started)
        finally:
            _tell(asked, environ["REQUEST_METHOD"], status, perf_counter() - began)
            request_id.reset(before)


def _named(given: str | None) -> str:
    """As the caller calls it, if that can stand in a log."""
    return given if given and WELL_FORMED.fullmatch(given) else os.urandom(8).hex()


def _tell(asked: Request | None, method: str, status: str, seconds: float) -> None:
    """Every request is counted. A line have those that write, that fail and that are slow: phones ask for
    nothing new more often than for anything else.
    """
    room = _room(asked.blueprint if asked else None)
    if room in QUIET:
        return
    metrics.REQUEST_SECONDS.saw(seconds, room, status)
    if method in LOOKS and status < "400" and seconds < SLOW:
        return
    facts = {"room": room, "status": int(status), "ms": round(seconds * 1000, 1)}
    log.info("%s %s %s", method, _route(asked), status, extra=facts)


def _route(asked: Request | None) -> str:
    """As it is written in the code: what stands in its place when somebody asks may be a secret, such as the
    token in the address of a card's page.
    """
    return str(asked.url_rule) if asked and asked.url_rule else "unknown address"


def _room(blueprint: str | None) -> str:
    if blueprint is None:
        return "unknown"
    return ROOMS.get(blueprint) or ("office" if blueprint.startswith("office") else "pages")
