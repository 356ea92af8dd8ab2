"""One place that turns every no into a page, or into problem JSON (RFC 9457) for a machine."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Flask, Response, json, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from wallet_service.domain.errors import Misconfigured, TooMuch, Unavailable, WalletError
from wallet_service.web.error_texts import sentence, sentence_of_status
from wallet_service.web.saying import Said

log = logging.getLogger(__name__)

PLACES = {"/till": "/till", "/office": "/office"}
"""Where the way back leads, by where somebody is."""
TILL, FORMS = "/till/", "door"
"""The till is one page that asks below its address; people sign in there with forms."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, for people (`said`) and machines (the rest)."""

    status: int
    slug: str
    title: str
    detail: str
    said: Said
    facts: dict[str, object] = field(default_factory=dict)
    retry_after: int | None = None


def catch(app: Flask) -> None:
    app.register_error_handler(WalletError, of_ours)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _of_http)


def of_ours(error: WalletError, **more: object) -> Response:
    """`more` are facts that are more than a figure."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # what only the operator can mend, only they read
        log.error("%s: %s", error.slug, error.detail)
    return answer(
        Problem(
            error.status,
            error.slug,
            error.title,
            error.title if isinstance(error, Misconfigured) else error.detail,
            sentence(error),
            {**error.facts, **more},
            retry_after=_retry_after(error),
        )
    )


def _retry_after(error: WalletError) -> int | None:
    if isinstance(error, Unavailable):
        return error.retry_after
    seconds = error.facts.get("seconds") if isinstance(error, TooMuch) else None
    return seconds if isinstance(seconds, int) else None


def _stale(_error: CSRFError) -> Response:
    detail = "The form was not sent from a page of this session. Open the page again and send it from there."
    return answer(Problem(400, "stale-form", "Not from our page", detail, sentence_of_status("stale-form")))


def _of_http(error: HTTPException) -> Response:
    """Werkzeug's own: no such address, wrong method, too large, and every fault that nobody foresaw."""
    status = error.code or 500
    if isinstance(error, RateLimitExceeded):
        detail, retry = "Too many requests from this network.", _seconds(error)
    else:
        detail, retry = HTTPStatus(status).description or HTTPStatus(status).phrase, None
    title = HTTPStatus(status).phrase
    said = sentence_of_status(str(status))
    response = answer(
        Problem(status, title.lower().replace(" ", "-"), title, detail, said, retry_after=retry)
    )
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _seconds(error: RateLimitExceeded) -> int:
    return int(error.limit.limit.get_expiry())


def answer(problem: Problem) -> Response:
    response = _json(problem) if _for_machine() else _page(problem)
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _for_machine() -> bool:
    if request.path.startswith(("/api/", "/apple/", "/google/")):
        return True
    if request.path.startswith(TILL):
        return request.blueprint != FORMS
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def _json(problem: Problem) -> Response:
    body = problem.facts | {
        "type": f"about:blank#{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    if request.path.startswith(TILL):
        body["said"] = {"title": problem.said.title, "text": problem.said.text}
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/problem+json")


def _page(problem: Problem) -> Response:
    place = next((back for path, back in PLACES.items() if request.path.startswith(path)), "/")
    return make_response(render_template("error.html", said=problem.said, status=problem.status, back=place))
