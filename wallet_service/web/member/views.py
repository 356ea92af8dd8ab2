"""The member's own page: whoever has its address holds the card."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from wallet_service.actions.show import Shown, show
from wallet_service.apple.desk import desk
from wallet_service.apple.issue import download
from wallet_service.domain.errors import NotFound
from wallet_service.web import languages
from wallet_service.web.limits import limiter
from wallet_service.web.looks import look
from wallet_service.web.member.phone_in_hand import phone_in_hand
from wallet_service.web.member.simulated_phone import link_to_simulated_phone
from wallet_service.web.page import services

member = Blueprint("member", __name__, template_folder="templates")

guesses = limiter.shared_limit(  # S5: only misses count, so that a shop full of open cards is no attack
    "60 per minute", scope="guessed cards", deduct_when=lambda response: response.status_code == 404
)


@member.get("/card/<token>")
@guesses
def card(token: str) -> Response:
    shown = _shown(token)
    languages.offer(shown.program.languages)
    response = make_response(
        render_template(
            "card.html",
            shown=shown,
            face=shown.face,
            look=look(shown.program, services().settings.templates_dir),
            hand=phone_in_hand(request.user_agent.string),
            apple=services().links.apple(shown.face.serial),
            simulated=link_to_simulated_phone(services(), shown.face.serial),
        )
    )
    return _private(response)


@member.get("/card/<token>/state")
@guesses
def state(token: str) -> Response:
    """Asked every few seconds by an open page; the page is fetched again only when this moved."""
    return _private(jsonify(state=_shown(token).state))


@member.get("/card/<token>/apple")
@guesses
@limiter.limit("60 per minute")  # S20
def apple(token: str) -> Response:
    return download(desk(), _shown(token).face.serial)


@member.get("/card/<token>/google")
@guesses
def google(token: str) -> tuple[str, int]:
    shown = _shown(token)
    languages.offer(shown.program.languages)
    return render_template("no_google.html", page=shown.face.page), 404


def _shown(token: str) -> Shown:
    """A token that names no card is answered like one that was never given out."""
    serial = services().links.serial(token)
    with services().sessions.read() as session:
        try:
            return show(session, card=serial, links=services().links)
        except NotFound:
            raise NotFound("There is no card at this address. Ask the shop for a new link.") from None


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
