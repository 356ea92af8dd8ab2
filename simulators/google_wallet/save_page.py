"""Where a save link leads: the page that offers the card to the phone, or the one that says no."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from simulators.google_wallet.doors import world
from simulators.google_wallet.save_link import BadLink, Link, read_link
from simulators.google_wallet.showing import LANGUAGES, show_card

save_page = Blueprint("save_page", __name__, url_prefix="/gp/v/save")

Page = str | tuple[str, int] | AnyResponse


@save_page.get("/<token>")
def offer(token: str) -> Page:
    """The language is the reader's: this page is the first that Google shows."""
    language = _language()
    try:
        link = _opened(token)
    except BadLink as bad:
        return render_template("refused.html", reason=str(bad), language=language), 400
    card = show_card(world(), link.object_id, language)
    return render_template("save.html", card=card, token=token, language=language)


@save_page.post("/<token>")
def save(token: str) -> Page:
    try:
        link = _opened(token)
    except BadLink as bad:
        return render_template("refused.html", reason=str(bad), language=_language()), 400
    world().save(link.object_id)
    return redirect(url_for("page.wallet", _anchor=link.object_id), 303)


def _language() -> str:
    return request.accept_languages.best_match(LANGUAGES, "en")


def _opened(token: str) -> Link:
    link = read_link(token, world())
    if world().knobs.switches.demo:
        raise BadLink("The issuer is in demo mode: only test users are allowed to save this pass.")
    return link
