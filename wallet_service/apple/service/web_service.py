"""What phones call: the five requests of Apple's pass web service, and the one that we do not serve."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Blueprint, Flask, Response, jsonify, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import http_date

from wallet_service.apple.service import device_log, devices, issue, versions
from wallet_service.apple.service.desk import desk
from wallet_service.apple.service.http_dates import parsed
from wallet_service.apple.service.versions import Served
from wallet_service.domain.errors import Invalid, Refusal, TooMuch, Unavailable, UnknownCard, WalletError

LIST = "/devices/<device>/registrations/<pass_type>"
REGISTRATION = f"{LIST}/<serial>"
PASS = "/passes/<pass_type>/<serial>"  # noqa: S105  # an address
PREFIX = "/apple"
LARGEST_BODY = 16_384  # S18

log = logging.getLogger(__name__)


def blueprint() -> Blueprint:
    bp = Blueprint("apple", __name__, url_prefix=f"{PREFIX}/v1")
    for method, path, view in (
        ("POST", REGISTRATION, register),  # W1 to W7
        ("DELETE", REGISTRATION, unregister),  # W8 to W10
        ("GET", LIST, list_changed),  # W11 to W14
        ("GET", PASS, latest),  # W15 to W18
        ("POST", f"{PASS}/personalize", personalize),  # W21
        ("POST", "/log", complain),  # W19, W20
    ):
        bp.add_url_rule(path, view_func=view, methods=[method])
    bp.before_request(_only_small_bodies)
    bp.register_error_handler(WalletError, _refused)
    bp.register_error_handler(HTTPException, _without_body)
    bp.register_error_handler(SQLAlchemyError, _failed)
    bp.register_error_handler(OSError, _failed)
    bp.record_once(_tolerate_slashes)
    return bp


class Unauthorized(Refusal):
    slug, status, title = "unauthorized", 401, "The token does not open this card"


class Empty(Response):
    """An answer that is all said by its status and headers."""

    default_mimetype = None


class NotModified(Empty):
    """Flask takes Last-Modified off a 304; W16 and RFC 9110 want it there."""

    def __init__(self, stamp: str) -> None:
        super().__init__(status=304)
        self._stamp = stamp

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        headers = super().get_wsgi_headers(environ)
        headers["Last-Modified"] = self._stamp
        return headers


def register(device: str, pass_type: str, serial: str) -> Response:
    _authorize(serial)
    body = _json()
    push_token = body.get("pushToken") if isinstance(body, dict) else None
    services = desk().services
    with services.sessions.begin(in_quarantine=True) as session, _only_its_own():
        new = devices.register(
            session,
            desk(),
            device=device,
            pass_type=pass_type,
            serial=serial,
            push_token=push_token,
            now=services.clock(),
        )
    return Empty(status=201 if new else 200)


def unregister(device: str, pass_type: str, serial: str) -> Response:
    _authorize(serial)
    services = desk().services
    with services.sessions.begin(in_quarantine=True) as session, _only_its_own():
        devices.unregister(session, device=device, pass_type=pass_type, serial=serial, now=services.clock())
    return Empty(status=200)


def list_changed(device: str, pass_type: str) -> Response:
    """W11: the phone sends no token here, its own identifier is all it shows."""
    tag = request.args.get("passesUpdatedSince")
    changed = devices.glance_at_changes(desk().services.sessions, device=device, pass_type=pass_type, tag=tag)
    if changed is None and not desk().strangers.lets_in(request.remote_addr):  # S5
        raise TooMuch("Too many unknown devices from this address.")
    if changed is not None:
        desk().sightings.listed(changed.listing)
    if changed is None or not changed.serials:
        return Empty(status=204)  # W13
    answer = jsonify(serialNumbers=changed.serials, lastUpdated=changed.tag)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def latest(pass_type: str, serial: str) -> Response:
    _authorize(serial)
    held = _held()
    glimpse = versions.glimpse(desk(), serial)
    served = glimpse.served
    answer = _as_served(served, held) if served and served.pass_type == pass_type else None
    if served and answer:
        desk().sightings.fetched(served.card_id, served.number)
        return answer
    with _only_its_own():
        version = versions.current(desk(), serial, moved_on=glimpse.moved_on)
    if version.pass_type != pass_type:
        raise Unauthorized("The card has another pass type.")
    answer = _not_modified(version, held) or issue.answered(issue.signed(desk(), version))
    desk().sightings.fetched(version.card_id, version.number)
    return answer


def _as_served(served: Served, held: datetime | None) -> Response | None:
    """Before anything is made: nothing new, or what was made before and is still in memory."""
    if answer := _not_modified(served, held):
        return answer
    kept = issue.kept(desk(), served)
    return issue.answered(kept) if kept else None


def _not_modified(served: Served, held: datetime | None) -> Response | None:
    """W16."""
    return NotModified(http_date(served.modified_at)) if held and served.modified_at <= held else None


def personalize(pass_type: str, serial: str) -> Response:  # noqa: ARG001
    """W21: only cards with NFC ask for a name this way (Z1), and we issue none."""
    return Empty(status=404)


def complain() -> Response:
    if not desk().logs.lets_in(request.remote_addr):
        raise TooMuch("Too many log messages from this address.")
    lines, services = device_log.lines_of(_json()), desk().services
    now = services.clock()
    with services.sessions.read() as session:
        news = device_log.worth_keeping(session, lines, now)
    if news:
        with services.sessions.begin(in_quarantine=True) as session:
            device_log.write(session, news, now)
    return Empty(status=200)


def _authorize(serial: str) -> None:
    """W4, W10, W17. W30: only what is wrong is counted, so a phone with its token always gets in."""
    if desk().opens(serial, request.headers.get("Authorization", "")):
        return
    if not desk().wrong.lets_in(request.remote_addr):
        raise TooMuch("Too many wrong tokens from this address.")
    raise Unauthorized("The token does not open this card.")


@contextmanager
def _only_its_own() -> Iterator[None]:
    """Whatever a right token does not reach answers as a wrong token does."""
    try:
        yield
    except UnknownCard as error:
        raise Unauthorized(error.detail) from error


def _json() -> Any:
    """W25: whatever the Content-Type says. Invalid when it is no JSON (W5)."""
    data = request.get_data(cache=False)
    if len(data) >= LARGEST_BODY:  # a chunked body is cut there in silence
        raise RequestEntityTooLarge
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid("The body is not JSON.") from error


def _held() -> datetime | None:
    """M4: the date of the version that the phone has, if it names one."""
    return parsed(request.headers.get("If-Modified-Since", ""), desk().services.clock())


def _only_small_bodies() -> None:
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        raise RequestEntityTooLarge


def _refused(error: WalletError) -> Response:
    """A phone reads the status and nothing else; the sentence is for the operator."""
    answer = Empty(status=error.status)
    if isinstance(error, Unavailable):
        log.warning("phones are put off: %s", error.detail)
        answer.headers["Retry-After"] = str(error.retry_after)  # W23, B17
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "ApplePass"
    return answer


def _without_body(error: HTTPException) -> Response:
    return Empty(status=error.code or 500)


def _failed(error: Exception) -> Response:
    """A database or a disk that fails in a way of its own: later, not never (W23)."""
    log.error("phones are put off", exc_info=error)
    return Empty(status=503, headers={"Retry-After": "30"})


def _tolerate_slashes(state: BlueprintSetupState) -> None:
    """W24: `//v1` and a slash at the end, without a redirect that a phone would follow without its token."""
    app = cast(Flask, state.app)
    inner: WSGIApplication = app.wsgi_app

    def tolerant(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = re.sub("/{2,}", "/", environ.get("PATH_INFO", ""))
        if path.startswith(f"{PREFIX}/"):
            environ["PATH_INFO"] = path.rstrip("/")
        return inner(environ, start)

    app.wsgi_app = tolerant  # type: ignore[method-assign,assignment]
