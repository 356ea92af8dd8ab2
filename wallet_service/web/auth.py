"""Who works here: signed in by PIN, asked again at every step."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response

from wallet_service.actions import staff
from wallet_service.actions.bookkeeping import Actor
from wallet_service.db.tables import Staff
from wallet_service.web.limits import network
from wallet_service.web.page import new_key, services

P = ParamSpec("P")

KNOWN_TILL = "till"
REMEMBERED = 400 * 24 * 3600


def needs(role: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Only for staff of this role; admins may do what cashiers do."""

    def guarded(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            person = _signed_in()
            if person is None:
                return redirect(url_for("till.sign_in_page", then=role), 303)
            if person.role not in (role, staff.ADMIN):
                abort(403)
            g.staff = person
            return view(*args, **kwargs)

        return answer

    return guarded


def worker() -> Staff:
    """The person behind a view that `needs` one."""
    return cast(Staff, g.staff)


def actor() -> Actor:
    return Actor(f"staff:{worker().id}")


def show_pin(pin: str) -> Staff:
    """Whose it is, with the guard against guessing; signs nobody in."""
    return staff.sign_in(services().sessions, pin=pin, address=_asking(), now=services().clock())


def sign_in(pin: str) -> Staff:
    person = show_pin(pin)
    session.clear()  # nothing that was planted before the sign-in survives it
    session["staff"] = person.id
    return person


def sign_out() -> None:
    session.clear()


def know_this_till(response: Response) -> Response:
    """A till that let somebody in is counted by itself from now on, so that guests who guess PINs on the
    shop's network lock themselves out, not the shop (S25).
    """
    if _known_till() is None:
        response.set_cookie(
            KNOWN_TILL,
            _signer().sign(new_key()).decode(),
            max_age=REMEMBERED,
            path="/till",
            secure=services().settings.public_url.startswith("https:"),
            httponly=True,
            samesite="Strict",
        )
    return response


def _signed_in() -> Staff | None:
    known = session.get("staff")
    if not isinstance(known, int):
        return None
    with services().sessions.read() as database:
        return staff.person(database, known)


def _asking() -> str:
    return _known_till() or network()


def _known_till() -> str | None:
    try:
        return "till:" + _signer().unsign(request.cookies.get(KNOWN_TILL, "")).decode()[:58]
    except BadSignature:
        return None


def _signer() -> Signer:
    return Signer(services().settings.secret_keys[::-1], salt="known till")
