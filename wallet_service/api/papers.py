"""What developers read: the OpenAPI document and the page about every call, open to everybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from wallet_service.api import document, examples, fields, kinds
from wallet_service.api.calls import CALLS, Call
from wallet_service.api.desk import ADDRESS, services
from wallet_service.api.door import api
from wallet_service.api.problems import JSON

A_WHILE = 300
LANGUAGES = {"en": "English", "ru": "Русский"}
STYLE = Path(__file__).parent / "static" / "docs.css"
PLACES = {"card": "1095539573136129542", "program": "coffee", "entry": "e17"}


@api.app_template_filter("code")
def code(text: str) -> Markup:
    """What stands between backticks, as code; everything else is escaped."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(str(text).split("`"))
    )


@api.get("/openapi.json")
def openapi() -> Response:
    return _kept(document.as_json().encode(), JSON)


@api.get("/docs")
def docs() -> Response:
    """Of each call a line to try, its fields, an answer, and what may go wrong."""
    return _kept(_page().encode(), "text/html", shared=False)


@api.get("/docs.css")
def style() -> Response:
    return _kept(_style(), "text/css")


def _page() -> str:
    return render_template(
        "docs.html",
        address=ADDRESS,
        base=f"{services().settings.public_url}{ADDRESS}",
        calls=CALLS,
        curl=_curl,
        example=_example,
        fields=fields.of,
        kinds=kinds.kinds(),
        refusals=_refusals,
        language=str(get_locale()),
        languages=LANGUAGES,
        rate=services().settings.api_rate,
        drops=services().settings.api_drops,
        problem=_json(examples.PROBLEM),
    )


def _curl(call: Call) -> str:
    """As the page's own `ask` and `write` take it."""
    path = call.path.format(**PLACES)
    if call.method == "GET":
        return f"ask $API{path}"
    verb = "write" if call.once else "ask -X POST"
    body = f" -d '{json.dumps(call.example, ensure_ascii=False)}'" if call.example else ""
    return f"{verb} $API{path}{body}"


def _example(call: Call) -> str:
    return _json(examples.OF[call.answer])


def _json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2)


def _refusals(call: Call) -> Mapping[int, list[str]]:
    """What has a reason of this call's own."""
    common = {status: set(document.problems_of(CALLS[1])[status]) for status in (401, 403, 429, 500, 503)}
    found = document.problems_of(call)
    return {
        status: own
        for status, slugs in found.items()
        if (own := [slug for slug in slugs if slug not in common.get(status, ()) and status != 405])
    }


@cache
def _style() -> bytes:
    return STYLE.read_bytes()


def _kept(body: bytes, kind: str, *, shared: bool = True) -> Response:
    """`shared`: the same for everybody, and looked at again after a while."""
    response = Response(body, mimetype=kind)
    if shared:
        response.cache_control.public = True
        response.cache_control.max_age = A_WHILE
    else:
        response.cache_control.no_cache = True
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response
