"""A manager connects an authenticator app: a code to scan, and one code of six digits that proves it."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue

from wallet_service.actions import second_factor, shifts, staff_changes
from wallet_service.actions.second_factor import NONCE_BYTES
from wallet_service.domain.errors import Refusal
from wallet_service.domain.people_errors import WrongCode
from wallet_service.web import auth
from wallet_service.web.auth import needs, worker
from wallet_service.web.limits import limiter
from wallet_service.web.office import frame
from wallet_service.web.office.shop_floor import all_programs
from wallet_service.web.page import services

office_second_factor = Blueprint(
    "office_second_factor", __name__, url_prefix="/office", template_folder="templates"
)

PENDING = "factor"
"""Out of which the key on the screen is made; the secret itself is kept nowhere."""


@office_second_factor.get("/second-factor")
@needs("admin", setting_up=True)
def page() -> ResponseReturnValue:
    session[PENDING] = services().entropy(NONCE_BYTES).hex()
    return _page()


@office_second_factor.post("/second-factor")
@needs("admin", setting_up=True)
@limiter.limit("20 per minute")
def connect() -> ResponseReturnValue:
    return frame.done(_connect, _page)


def _connect() -> ResponseReturnValue:
    nonce, now, keys = session.get(PENDING), services().clock(), services().settings.secret_keys
    step = nonce and second_factor.step_of(keys, worker(), nonce, request.form.get("code", ""), now)
    if not step:
        raise WrongCode("The code is not right. Scan the picture with the app and type what it shows.")
    with services().sessions.begin() as database:
        person = staff_changes.find(database, worker().id)
        second_factor.use(database, person, step, now)
        staff_changes.set_second_factor(database, person, nonce, actor=auth.actor().name, now=now)
    session.pop(PENDING)
    session.update(mark=shifts.mark(person), proved=True)  # they stay signed in here, and nowhere else
    return redirect("/office/people", 303)


def _page(refusal: Refusal | None = None) -> ResponseReturnValue:
    nonce = session.setdefault(PENDING, services().entropy(NONCE_BYTES).hex())
    address = second_factor.address(services().settings.secret_keys, worker(), nonce, _shop())
    key = address.partition("secret=")[2].partition("&")[0]
    groups = " ".join(key[n : n + 4] for n in range(0, len(key), 4))
    return frame.page("second_factor.html", refusal, address=address, key=groups)


def _shop() -> str:
    """The name under which the app lists it."""
    with services().sessions.read() as database:
        known = all_programs(database)
    return known[0].organization if known else "Wallet"
