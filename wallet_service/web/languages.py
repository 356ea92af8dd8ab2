"""Which language a page speaks: asked for in the address, remembered in a cookie, or the browser's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel

OURS = ("ru", "en")
COOKIE = "lang"
REMEMBERED = 365 * 24 * 3600
TEXTS = [Path(__file__).parents[1] / room / "translations" for room in ("web", "api")]


def speak(app: Flask) -> None:
    Babel(
        app,
        default_locale="en",
        default_translation_directories=";".join(map(str, TEXTS)),
        locale_selector=language,
    )
    app.after_request(_remember)


def language() -> str:
    """Chosen once for each request; `offer` may have narrowed the choice."""
    if not has_request_context() and not (g and "language" in g):
        return "en"
    if "language" not in g:
        offer(OURS)
    return str(g.language)


def spoken(known: Collection[str]) -> str:
    """The language of this page if it is among these, else their first."""
    return language() if language() in known else next(iter(known))


def offer(offered: Sequence[str]) -> None:
    """The program decides which languages its pages have; the first is its default."""
    g.languages = tuple(offered)
    g.language = _asked(offered) or request.accept_languages.best_match(offered) or _default(offered)


def speak_once(code: str) -> None:
    """For this answer alone; what the reader chose for the pages stays."""
    g.languages, g.language = (), code


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """The texts of the pages for whoever reads them elsewhere, such as in a mail."""
    with _speaker().app_context():
        speak_once(code)
        yield


@cache
def _speaker() -> Flask:
    app = Flask("elsewhere", static_folder=None)
    speak(app)
    return app


def others() -> list[tuple[str, str]]:
    """Language and its own name, for the switch at the foot of a page."""
    names = {"ru": "Русский", "en": "English"}
    return [(code, names.get(code, code)) for code in g.get("languages", OURS) if code != language()]


def _asked(spoken: Sequence[str]) -> str | None:
    wanted = (request.args.get("lang"), request.cookies.get(COOKIE))
    return next((code for code in wanted if code in spoken), None)


def _default(spoken: Sequence[str]) -> str:
    """Somebody without a wish among ours reads English, unless the program has a language of its own."""
    return spoken[0] if tuple(spoken) != OURS else "en"


def _remember(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked and asked in g.get("languages", ()):
        response.set_cookie(COOKIE, asked, max_age=REMEMBERED, samesite="Lax", httponly=True)
    if "language" in g:
        response.vary.update(["Accept-Language", "Cookie"])
    return response
