"""What Google calls: the news that somebody saved or removed a card (G28 to G36)."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from wallet_service.domain.errors import Unavailable, WalletError
from wallet_service.google import callback_effect
from wallet_service.google.callback import read_callback
from wallet_service.google.desk import desk

LARGEST_BODY = 16_384

log = logging.getLogger(__name__)


def blueprint() -> Blueprint:
    bp = Blueprint("google", __name__, url_prefix="/google")
    bp.add_url_rule("/callback", view_func=callback, methods=["POST"])
    bp.register_error_handler(WalletError, _refused)
    bp.register_error_handler(HTTPException, _without_body)
    bp.register_error_handler(Exception, _failed)
    return bp


class Empty(Response):
    """All is said by the status (G35)."""

    default_mimetype = None


def callback() -> Response:
    google = desk()
    now = google.services.clock()
    event = read_callback(_body(), keys=google.keys, issuer_id=google.issuer_id, now=now)
    with google.services.sessions.begin() as session:
        callback_effect.apply(session, event, now)
    return Empty(status=200)


def _body() -> bytes:
    """The cap comes before everything; a chunked body is cut at it in silence."""
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) >= LARGEST_BODY:
        raise RequestEntityTooLarge
    data = request.get_data(cache=False)
    if len(data) >= LARGEST_BODY:
        raise RequestEntityTooLarge
    return data


def _refused(error: WalletError) -> Response:
    """The same bytes for everything that cannot be verified; the reason stays with us."""
    log.warning("a callback was turned away: %s", error.detail)
    answer = Empty(status=error.status)
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _without_body(error: HTTPException) -> Response:
    return Empty(status=error.code or 500)


def _failed(error: Exception) -> Response:
    """Whatever it is: later, and never 500 (G35)."""
    log.error("a callback is put off", exc_info=error)
    return Empty(status=503, headers={"Retry-After": "30"})
