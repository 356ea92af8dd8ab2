"""The member's own page: whoever has its address holds the card."""

from __future__ import annotations

import json
import logging

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from wallet_service.actions.history_export import history
from wallet_service.actions.live_code import has_a_code_of_now
from wallet_service.actions.pick_goal import pick_goal
from wallet_service.actions.show import Shown, show
from wallet_service.apple.service.desk import desk
from wallet_service.apple.service.issue import download
from wallet_service.domain.errors import CardNotActive, NotFound, Unavailable
from wallet_service.google.desk import open_desk
from wallet_service.google.issue import save_address
from wallet_service.web import languages
from wallet_service.web.limits import limiter
from wallet_service.web.looks import look
from wallet_service.web.member.phone_in_hand import phone_in_hand
from wallet_service.web.member.simulated_phone import link_to_simulated_phone
from wallet_service.web.member.story import story
from wallet_service.web.page import services

log = logging.getLogger(__name__)

member = Blueprint("member", __name__, template_folder="templates")

guesses = limiter.shared_limit(  # S5: only misses count, so that a shop full of open cards is no attack
    "60 per minute", scope="guessed cards", deduct_when=lambda response: response.status_code == 404
)


@member.get("/card/<token>")
@guesses
def card(token: str) -> BaseResponse:
    shown = shown_card(token)
    with services().sessions.read() as session:
        lines = story(session, shown.face.serial)
    languages.offer(shown.program.languages)
    response = make_response(
        render_template(
            "card.html",
            shown=shown,
            lines=lines,
            face=shown.face,
            look=look(shown.program, services().settings.templates_dir),
            hand=phone_in_hand(request.user_agent.string),
            apple=services().links.apple(shown.face.serial),
            google=services().links.google(shown.face.serial) if services().settings.google else None,
            simulated=link_to_simulated_phone(services(), shown.face.serial),
            proves=has_a_code_of_now(shown.stand),
        )
    )
    return private(response)


@member.post("/card/<token>/goal")
@guesses
@limiter.limit("30 per minute")
def choose_goal(token: str) -> BaseResponse:
    """Nothing chosen is the nearest reward, as by default."""
    shown = shown_card(token)
    languages.offer(shown.program.languages)
    with services().sessions.begin() as session:
        pick_goal(
            session,
            card=shown.face.serial,
            goal=request.form.get("goal") or None,
            wallets=services().wallets,
            now=services().clock(),
        )
    return private(redirect(shown.face.page, 303))


@member.get("/card/<token>/history.json")
@guesses
@limiter.limit("20 per minute")  # it may be long
def history_file(token: str) -> BaseResponse:
    """For the member to keep, and to verify without us."""
    serial = shown_card(token).face.serial
    with services().sessions.read() as session:
        told = history(session, card=serial, now=services().clock())
    response = Response(json.dumps(told, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=history.json"
    return private(response)


@member.get("/card/<token>/state")
@guesses
def state(token: str) -> BaseResponse:
    """Asked every few seconds by an open page; the page is fetched again only when this moved."""
    return private(jsonify(state=shown_card(token).state))


@member.get("/card/<token>/apple")
@guesses
@limiter.limit("60 per minute")  # S20
def apple(token: str) -> Response:
    return download(desk(), shown_card(token).face.serial)


@member.get("/card/<token>/google")
@guesses
@limiter.limit("60 per minute")  # each may be a call to Google
def google(token: str) -> BaseResponse:
    """G7: short, and a fresh link behind it with every press. A closed card says so on its own page."""
    shown = shown_card(token)
    languages.offer(shown.program.languages)
    desk = open_desk()
    if desk is None:
        return private(_not_in_google(shown, 404, later=False))
    try:
        return private(redirect(save_address(desk, shown.face.serial), 302))
    except CardNotActive:
        return private(redirect(shown.face.page, 302))
    except Unavailable as trouble:
        log.warning("a card could not be saved in Google Wallet: %s", trouble.detail)
        response = _not_in_google(shown, 503, later=True)
        response.headers["Retry-After"] = str(trouble.retry_after)
        return private(response)


def _not_in_google(shown: Shown, status: int, *, later: bool) -> Response:
    """Not set up, or not now; either way the card works without it."""
    return make_response(render_template("no_google.html", page=shown.face.page, later=later), status)


def shown_card(token: str) -> Shown:
    """A token that names no card is answered like one that was never given out."""
    serial = services().links.serial(token)
    with services().sessions.read() as session:
        try:
            return show(session, card=serial, links=services().links, now=services().clock())
        except NotFound:
            raise NotFound("There is no card at this address. Ask the shop for a new link.") from None


def private(response: BaseResponse) -> BaseResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
