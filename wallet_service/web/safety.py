"""What guards every page: who may post, what a browser may run, which names we answer to (S10, S11, S14)."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect

from wallet_service.settings import Settings

TILL = "/till"
MACHINES = ("/apple/", "/api/", "/google/")
"""Doors that take no cookies: their callers prove themselves with every request."""
LOOPBACK = ("localhost", "127.0.0.1")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
A_YEAR = 365 * 24 * 3600

_tokens = CSRFProtect()


def guard(app: Flask) -> None:
    settings: Settings = app.extensions["wallet"].settings
    app.config.update(
        TRUSTED_HOSTS=_names(settings),  # S14
        WTF_CSRF_CHECK_DEFAULT=False,  # we say when: not at the machines' doors
        WTF_CSRF_TIME_LIMIT=None,  # a till stays open all day; the token ends with the session
        WTF_CSRF_SSL_STRICT=False,  # asks for a Referer, which our pages never send
    )
    _tokens.init_app(app)
    app.before_request(_only_from_our_pages)
    app.jinja_env.globals["nonce"] = nonce
    secure = settings.public_url.startswith("https:")
    app.after_request(lambda response: _headers(response, secure=secure))


def nonce() -> str:
    """Lets the one style element of this very answer through."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    return str(g.nonce)


def _names(settings: Settings) -> list[str]:
    ours = urlsplit(settings.public_url).hostname or ""
    return [ours, *LOOPBACK] if settings.sandbox else [ours]


def _only_from_our_pages() -> None:
    if request.method in SAFE_METHODS or not request.endpoint or request.path.startswith(MACHINES):
        return
    if _from_elsewhere():
        abort(400, "cross-origin")
    _tokens.protect()


def _from_elsewhere() -> bool:
    """Browsers of today say where a request began; our own pages hide it in Origin ("null")."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.host


def _headers(response: Response, *, secure: bool) -> Response:
    response.headers.update(
        {
            "Content-Security-Policy": _policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",  # addresses of cards carry their token
        }
    )
    if secure:
        response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
    return response


def _policy() -> str:
    style = f"'self' 'nonce-{g.nonce}'" if "nonce" in g else "'self'"
    return (
        f"default-src 'self'; style-src {style}; script-src {_scripts()}; img-src 'self' data:;"
        " connect-src 'self'; worker-src 'self'; manifest-src 'self';"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _scripts() -> str:
    """At the till the camera's reader is WebAssembly of ours; that permits no text to become a script."""
    here = request.path == TILL or request.path.startswith(f"{TILL}/")
    return "'self' 'wasm-unsafe-eval'" if here else "'self'"
