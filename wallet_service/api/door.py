"""The door of the machine API: who may come in, what leaves with every answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from wallet_service.api import problems, rights
from wallet_service.api.calls import Call
from wallet_service.api.desk import ADDRESS, EXTENSION, LARGEST_BODY, MACHINES, Desk
from wallet_service.api.strangers import of_stranger
from wallet_service.domain.errors import Invalid, UnknownCard, WalletError

View = TypeVar("View", bound=Callable[..., Response])

api = Blueprint("api", __name__, url_prefix=ADDRESS, template_folder="templates")
api.register_error_handler(WalletError, problems.of_ours)
api.register_error_handler(UnknownCard, of_stranger)
api.register_error_handler(HTTPException, problems.of_http)
served: dict[str, Call] = {}
"""By endpoint; the documentation is no call, and open to everybody."""


def serves(call: Call) -> Callable[[View], View]:
    """Hangs a view to where its call is documented."""

    def hang(view: View) -> View:
        api.add_url_rule(call.rule, call.name, view, methods=[call.method])
        served[f"{api.name}.{call.name}"] = call
        return view

    return hang


@api.record
def _open(state: BlueprintSetupState) -> None:
    state.app.extensions[EXTENSION] = Desk.open(state.app.extensions["wallet"].settings)


@api.before_app_request
def _known_address() -> Response | None:
    """Flask finds no blueprint for an address that does not exist, so its problem is said here."""
    if request.routing_exception is None or not request.path.startswith(MACHINES):
        return None
    wrong = request.routing_exception
    return problems.of_http(NotFound() if isinstance(wrong, RequestRedirect) else wrong)


@api.before_request
def _let_in() -> None:
    request.max_content_length = LARGEST_BODY + 1  # S18; a body in chunks is cut there, which must show
    call = served.get(request.endpoint or "")
    if call is not None:
        rights.let_in(call.scope)
        _knows_its_parameters(call)


def _knows_its_parameters(call: Call) -> None:
    """A slip of the finger would be dropped in silence."""
    unknown = sorted(set(request.args) - set(call.query))
    if unknown:
        known = f"Known are {', '.join(call.query)}." if call.query else "This call takes none."
        raise Invalid(f"There is no parameter `{unknown[0][:64]}` here. {known}")


@api.after_app_request
def _for_this_caller_only(response: Response) -> Response:
    if request.path.startswith(MACHINES):
        if not (response.cache_control.public or response.cache_control.no_cache):
            response.headers["Cache-Control"] = "no-store"
        response.vary.add("Accept-Language")
        if "quota" in g:
            g.quota.tell(response)
    return response
