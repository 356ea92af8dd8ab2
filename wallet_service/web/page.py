"""What every page has at hand: the services, the files of its look, and how texts are told."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import get_currency_symbol
from flask import Blueprint, Flask, current_app
from markupsafe import Markup

from wallet_service.actions.services import Services
from wallet_service.domain import wording
from wallet_service.domain.program import Program, Texts
from wallet_service.web import guard_texts, languages, looks

STATIC = Path(__file__).parent / "static"
A_YEAR = 365 * 24 * 3600

shared = Blueprint(
    "shared", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


def services() -> Services:
    return cast(Services, current_app.extensions["wallet"])


def furnish(app: Flask) -> None:
    """What templates may use without being handed it."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR  # the address of a file changes with its content
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        told=told,
        day=day,
        clock=clock,
        currency_sign=currency_sign,
        money=money,
        counted=counted,
        plain=plain,
        seen=guard_texts.seen,
        commands=commands,
    )
    app.jinja_env.globals.update(
        asset=asset,
        inline=inline,
        new_key=new_key,
        bar_svg=looks.bar_svg,
        qr_svg=looks.qr_svg,
        language=languages.language,
        other_languages=languages.others,
    )


def told(texts: Texts) -> str:
    """A program's text in the language of this page, else in the program's own."""
    return texts[languages.spoken(texts)]


def commands(text: str) -> Markup:
    """What somebody types at a terminal stands between backticks."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(str(text).split("`"))
    )


def day(moment: datetime, zone: str) -> str:
    return format_date(moment.astimezone(ZoneInfo(zone)), "d MMMM", locale=languages.language())


def clock(moment: datetime, zone: str) -> str:
    return format_time(moment.astimezone(ZoneInfo(zone)), "HH:mm", locale=languages.language())


def money(amount: int, program: Program) -> str:
    """Minor units as people write them."""
    return wording.money(amount, program.currency, languages.language())


def counted(points: int, program: Program) -> str:
    """ "3 stamps", in a language that the program speaks."""
    return wording.counted(program, points, languages.spoken(program.languages))


def plain(points: int, program: Program) -> str:
    """As it is typed into a field: no grouping, no noun."""
    if not program.unit.money:
        return str(points)
    return f"{points // 100}.{points % 100:02}".removesuffix(".00")


def currency_sign(code: str) -> str:
    return wording.SYMBOLS.get(code) or get_currency_symbol(code, locale=languages.language())


def new_key() -> str:
    """One press of one button: however often it is pressed, it counts once."""
    return secrets.token_urlsafe(16)


def asset(name: str) -> str:
    """Written out, because an error page cannot build addresses when the host name was forged."""
    return f"/static/{name}?{_digest(name)}"


def inline(name: str) -> Markup:
    """One of our own style sheets as part of the page, without what only its readers need."""
    return Markup(_squeezed((STATIC / name).read_text(encoding="utf-8")))  # noqa: S704 our own file


@lru_cache(maxsize=64)
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=8)
def _squeezed(css: str) -> str:
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", bare)).replace(";}", "}").strip()
