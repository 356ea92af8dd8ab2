"""The door of the till: a browser becomes a till, somebody signs in, somebody signs out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from wallet_service.actions import staff, tills
from wallet_service.actions.tills import Paired
from wallet_service.db.tables import Staff
from wallet_service.domain.errors import Refusal, TillUnknown
from wallet_service.domain.people_errors import WrongCode, WrongPin
from wallet_service.web.auth import show_pin, sign_in, sign_out
from wallet_service.web.error_texts import sentence
from wallet_service.web.limits import limiter
from wallet_service.web.page import services
from wallet_service.web.till_cookie import became, know_this_browser, this_browser

door = Blueprint("door", __name__, url_prefix="/till", template_folder="templates")


@door.after_request
def _never_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@door.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    try:
        return _sign_in_page() if _to_the_office() or _may_sign_in() else redirect("/till/pair", 303)
    except TillUnknown as blocked:
        return _sign_in_page(blocked)


@door.post("/sign-in")
@limiter.limit("30 per minute")
def enter() -> ResponseReturnValue:
    try:
        person = _who_it_is()
        office = _to_the_office() and person.role == staff.ADMIN
        paired = _till_for(person, office=office)
        sign_in(person, paired, proved=office)
    except Refusal as refusal:
        return _sign_in_page(refusal)
    response = redirect("/office" if office else "/till", 303)
    return became(response, paired) if paired else know_this_browser(response)


@door.post("/sign-out")
def leave() -> ResponseReturnValue:
    sign_out()
    return redirect(url_for("door.sign_in_page"), 303)


@door.get("/pair")
def pair_page() -> ResponseReturnValue:
    return _pair_page()


@door.post("/pair")
@limiter.limit("10 per minute")
def pair() -> ResponseReturnValue:
    try:
        with services().sessions.begin(in_quarantine=True) as session:
            paired = tills.pair(session, code=request.form.get("code", ""), now=services().clock())
    except Refusal as refusal:
        return _pair_page(refusal)
    return became(redirect(url_for("door.sign_in_page"), 303), paired)


def _who_it_is() -> Staff:
    pin = request.form.get("pin", "")
    if not _to_the_office():
        return show_pin(pin)
    try:
        return show_pin(pin, code=request.form.get("code", ""))
    except WrongPin:
        raise WrongCode("The PIN or the code is not right. Type both again.") from None


def _to_the_office() -> bool:
    return request.args.get("then") == staff.ADMIN


def _may_sign_in() -> bool:
    """In a sandbox a browser becomes a till by the first right PIN, so that trying it out takes one.
    TillUnknown at a till that is blocked.
    """
    return _known() is not None or services().settings.sandbox


def _till_for(person: Staff, *, office: bool) -> Paired | None:
    """Managers get into the office from any browser, a blocked till too: they unblock it there. Everybody
    else works at a till.
    """
    try:
        if paired := _known():
            return paired
    except TillUnknown:
        if office:
            return None
        raise
    if services().settings.sandbox:
        with services().sessions.begin(in_quarantine=True) as session:
            return tills.pair_itself(session, services().clock())
    if office:
        return None
    raise TillUnknown(f"{person.name} cannot sign in here: this browser is no till yet.")


def _known() -> Paired | None:
    """TillUnknown when it is blocked."""
    paired = this_browser()
    with services().sessions.read() as session:
        return paired if tills.known(session, paired) else None


def _sign_in_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    return _page("sign_in.html", refusal, office=_to_the_office())


def _pair_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    return _page("pair.html", refusal)


def _page(template: str, refusal: Refusal | None, **parts: object) -> ResponseReturnValue:
    said = sentence(refusal) if refusal else None
    response = make_response(render_template(template, said=said, **parts))
    response.status_code = refusal.status if refusal else 200
    return response
