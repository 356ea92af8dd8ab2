"""What all pages of the office share: their frame, and what they say when something cannot be done."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from wallet_service.domain.errors import Refusal
from wallet_service.web.auth import worker
from wallet_service.web.error_texts import sentence


def page(template: str, refusal: Refusal | None = None, **parts: object) -> Response:
    """Never kept: a page that comes back from memory would show what was."""
    said = sentence(refusal) if refusal else None
    response = make_response(render_template(template, staff=worker(), said=said, **parts))
    response.status_code = refusal.status if refusal else 200
    response.headers["Cache-Control"] = "no-store"
    return response


def done(
    act: Callable[[], ResponseReturnValue], again: Callable[[Refusal], ResponseReturnValue]
) -> ResponseReturnValue:
    """What the act answers; when it is refused, the page again, with the reason."""
    try:
        return act()
    except Refusal as refusal:
        return again(refusal)
