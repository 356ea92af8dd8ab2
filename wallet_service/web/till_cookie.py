"""Which till a browser is, as the browser keeps it: signed, for /till only."""

from __future__ import annotations

from flask import request
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response

from wallet_service.actions.tills import Paired
from wallet_service.settings import Settings
from wallet_service.web.page import new_key, services

TILL, BROWSER = "till", "known"
REMEMBERED = 400 * 24 * 3600


def this_browser() -> Paired | None:
    """The till that it says it is; whether it still is, the database knows."""
    said = _said(TILL)
    till, _, pairing = (said or "").partition(".")
    return Paired(int(till), int(pairing)) if till.isdigit() and pairing.isdigit() else None


def became(response: Response, paired: Paired) -> Response:
    _keep(response, TILL, cookie(services().settings, paired))
    return response


def cookie(settings: Settings, paired: Paired) -> str:
    return _signer(settings, TILL).sign(f"{paired.till}.{paired.pairing}").decode()


def know_this_browser(response: Response) -> Response:
    """One that let a manager in is counted by itself from now on, so that guests who guess PINs on the
    shop's network lock themselves out, not the shop (S25).
    """
    if _said(BROWSER) is None:
        _keep(response, BROWSER, _signer(services().settings, BROWSER).sign(new_key()).decode())
    return response


def asking() -> str | None:
    """By whom wrong PINs are counted, where it is not the network."""
    if paired := this_browser():
        return f"till:{paired.till}.{paired.pairing}"
    said = _said(BROWSER)
    return f"browser:{said}"[:64] if said else None


def _said(name: str) -> str | None:
    try:
        return _signer(services().settings, name).unsign(request.cookies.get(name, "")).decode()
    except BadSignature:
        return None


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=REMEMBERED,
        path="/till",
        secure=services().settings.public_url.startswith("https:"),
        httponly=True,
        samesite="Strict",
    )


def _signer(settings: Settings, purpose: str) -> Signer:
    return Signer(settings.secret_keys[::-1], salt=f"which {purpose}")
