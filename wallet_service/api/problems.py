"""Every no of the machine API in one form: problem JSON (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException

from wallet_service.api.desk import ADDRESS
from wallet_service.api.told import Fault
from wallet_service.domain.errors import Invalid, Refusal, TooMuch, Unavailable, WalletError

log = logging.getLogger(__name__)

DOCS = f"{ADDRESS}/docs"
JSON, PROBLEM_JSON = "application/json", "application/problem+json"
CHALLENGE = 'Bearer realm="wallet"'


class NoKey(Refusal):
    slug, status, title = "unauthorized", 401, "No valid key"

    def __init__(self) -> None:
        """One sentence for a missing, a wrong and a revoked key: it tells a guesser nothing."""
        super().__init__(
            "Send a key that is in force as `Authorization: Bearer <key>`. "
            "`flask wallet api-key create NAME` makes one."
        )


class BadBody(Invalid):
    """`faults` has one for each thing that is off."""

    slug, title = "invalid-body", "The body is not valid"

    def __init__(self, detail: str, faults: Sequence[Fault]) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class NoIdempotencyKey(Invalid):
    slug, title = "idempotency-key-missing", "No idempotency key"


SENTENCES = {
    400: "The request cannot be read, or the host name in it is not that of this service.",
    404: "There is no such address. Compare it with the documentation.",
    405: "This address does not take this method; the header `Allow` names those that it takes.",
    408: "The body did not arrive in time. Send it again.",
    413: "The body is too large: 64 kB are the most.",
    415: "Send the body as JSON, with `Content-Type: application/json`.",
    500: "Something went wrong on our side, and it is on record. Nothing was booked.",
}


def of_ours(error: WalletError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s: %s", error.slug, error.detail)
    facts = dict(error.facts) | ({"errors": list(error.faults)} if isinstance(error, BadBody) else {})
    response = problem(error.slug, error.title, error.status, error.detail, facts)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, TooMuch):
        response.headers["Retry-After"] = str(error.facts.get("seconds", 60))
    if isinstance(error, NoKey):
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def of_http(error: HTTPException) -> Response:
    """Werkzeug's own, and every fault that nobody foresaw."""
    status = HTTPStatus(error.code or 500)
    told = SENTENCES.get(status, f"{status.description}.")
    response = problem(slug_of(status), status.phrase, status, told, {})
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def slug_of(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "-")


def problem(slug: str, title: str, status: int, detail: str, facts: Mapping[str, object]) -> Response:
    """`type` is the same on every installation, and leads to its chapter of the documentation."""
    said = {"type": f"{DOCS}#{slug}", "title": title, "status": int(status), "detail": detail}
    body = json.dumps(said | {name: fact for name, fact in facts.items() if name not in said})
    return Response(body, status=status, mimetype=PROBLEM_JSON)
