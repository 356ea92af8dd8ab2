"""The door of the machine API: who may come in, what leaves with every answer."""

from __future__ import annotations

import re
from typing import cast

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from wallet_service.actions.api_keys import find_api_key
from wallet_service.actions.services import Services
from wallet_service.api import problems
from wallet_service.domain.errors import WalletError

ADDRESS, MACHINES = "/api/v1", "/api/"
LARGEST_BODY = 64 * 1024
BEARER = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)

api = Blueprint("api", __name__, url_prefix=ADDRESS)
api.register_error_handler(WalletError, problems.of_ours)
api.register_error_handler(HTTPException, problems.of_http)


def services() -> Services:
    return cast(Services, current_app.extensions["wallet"])


def caller() -> str:
    """Whose key it is, as the ledger names it; its name may change, its number does not."""
    return str(g.caller)


@api.before_app_request
def _known_address() -> Response | None:
    """Flask finds no blueprint for an address that does not exist, so its problem is said here."""
    if request.routing_exception is None or not request.path.startswith(MACHINES):
        return None
    wrong = request.routing_exception
    return problems.of_http(NotFound() if isinstance(wrong, RequestRedirect) else wrong)


@api.before_request
def _let_in() -> None:
    """S10: the key counts and nothing else; a cookie is not looked at."""
    request.max_content_length = LARGEST_BODY + 1  # S18; a body in chunks is cut there, which must show
    shown = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if shown is None:
        raise problems.NoKey
    with services().sessions.read() as session:  # S24: asked at every request, so revoking works at once
        key = find_api_key(session, shown[1])
    if key is None:
        raise problems.NoKey
    g.caller = f"api:{key.id}"


@api.after_app_request
def _for_this_caller_only(response: Response) -> Response:
    if request.path.startswith(MACHINES):
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Accept-Language")
    return response
