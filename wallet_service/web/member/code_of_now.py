"""The code of this minute on the member's own page: a picture of it is soon worth nothing."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from wallet_service.actions.live_code import code_of_now, has_a_code_of_now
from wallet_service.domain.errors import NotFound
from wallet_service.web import languages
from wallet_service.web.looks import look
from wallet_service.web.member.views import guesses, private, shown_card
from wallet_service.web.page import services

member_code = Blueprint("member_code", __name__, template_folder="templates")


@member_code.get("/card/<token>/code")
@guesses
def code(token: str) -> Response:
    """Asked for anew with each half minute, by its script or by the page itself."""
    shown = shown_card(token)
    if not has_a_code_of_now(shown.stand):
        raise NotFound("This card needs no code for its rewards. Show its number.")
    languages.offer(shown.program.languages)
    settings = services().settings
    page = render_template(
        "code_of_now.html",
        face=shown.face,
        look=look(shown.program, settings.templates_dir),
        code=code_of_now(shown.stand, settings.secret_keys[0], services().clock()),
    )
    return private(Response(page, mimetype="text/html"))
