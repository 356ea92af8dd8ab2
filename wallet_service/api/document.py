"""The machine API told to machines: an OpenAPI 3.1 document, made of the list of calls and the forms that the
code is typed with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask_babel import force_locale
from openapi_pydantic.v3.v3_1 import OpenAPI
from pydantic import TypeAdapter

from wallet_service.api import told
from wallet_service.api.bodies import Wish
from wallet_service.api.calls import CALLS, Call
from wallet_service.api.desk import ADDRESS
from wallet_service.api.problems import DOCS, JSON, PROBLEM_JSON, SENTENCES, slug_of

Json = dict[str, Any]

PARAMETER = re.compile(r"{(\w+)}")
SERIAL = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PLACES: Mapping[str, Json] = {
    "card": {
        "description": "A serial number, or the digits of the code: 19, or 27 where the code turns.",
        "pattern": f"^(?:{SERIAL}|[0-9](?:[ -]?[0-9]){{18,30}})$",
        "examples": ["1095539573136129542"],
    },
    "program": {"description": "The name in the program's address.", "pattern": "^[a-z0-9-]{1,64}$"},
    "entry": {"description": "The `id` of an entry.", "pattern": "^e[0-9]{1,18}$", "examples": ["e17"]},
}
ONCE: Json = {
    "description": "A new one for each press of a button, the same one when a request is repeated.",
    "pattern": "^[!-~]{1,128}$",
    "examples": ["6f0c2f52b4a94c0c"],
}
QUERIES: Mapping[str, Json] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "cursor": {"type": "string", "minLength": 1, "maxLength": 64},
}
NUMBER: Json = {"type": "integer", "minimum": 0}
TEXT: Json = {"type": "string"}
HEADERS: Json = {
    "RateLimit-Limit": {"description": "So many requests a minute are the most.", "schema": NUMBER},
    "RateLimit-Remaining": {"description": "So many are left.", "schema": NUMBER},
    "RateLimit-Reset": {"description": "In so many seconds they are counted anew.", "schema": NUMBER},
    "Retry-After": {"description": "Come back in so many seconds.", "schema": NUMBER, "required": True},
    "ETag": {"description": "Of this state of the card.", "schema": TEXT, "required": True},
    "Idempotent-Replayed": {"description": "This was said before.", "schema": {"const": "true"}},
}
RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
WITH_BODY = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
FAULT = HTTPStatus.INTERNAL_SERVER_ERROR
LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
OWN = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
"""For these a call has reasons of its own; the others are alike for all."""


@cache
def as_json() -> str:
    """The whole of it, in English."""
    with force_locale("en"):
        whole = _document()
    OpenAPI.model_validate(whole)  # which, told again, would bear what the standard forbids
    return json.dumps(whole, ensure_ascii=False)


def problems_of(call: Call) -> Mapping[int, list[str]]:
    """The names of everything that it may refuse for, by status."""
    found: dict[int, list[str]] = {}
    for kind in call.may_answer:
        found.setdefault(kind.status, []).append(kind.slug)
    for status in (*ALWAYS, *(WITH_BODY if call.body else ()), FAULT):
        found.setdefault(status, []).append(slug_of(status))
    return dict(sorted(found.items()))


def form_of(kind: type) -> Mapping[str, Any]:
    """The schema of a body or an answer, as the document has it."""
    return _forms()[kind.__name__]


def form_named(ref: str) -> Mapping[str, Any]:
    return _forms()[ref.rpartition("/")[2]]


def _document() -> Json:
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Loyalty cards: machine API",
            "version": "1",
            "description": f"For tills and shops. Money is in minor units. Read {DOCS} first.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ADDRESS}],
        "paths": {path: _path(calls) for path, calls in _by_path().items()},
        "components": {
            "schemas": _forms(),
            "headers": HEADERS,
            "responses": dict(_shared()),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


@cache
def _forms() -> Mapping[str, Json]:
    kinds = {told.Problem, *(call.answer for call in CALLS), *(call.body for call in CALLS if call.body)}
    named = sorted(((kind.__name__, kind) for kind in kinds), key=lambda one: one[0])
    _, whole = TypeAdapter.json_schemas(
        [(name, "validation", TypeAdapter(kind)) for name, kind in named],
        ref_template="#/components/schemas/{model}",
    )
    forms: Mapping[str, Json] = whole["$defs"]
    return forms


def _by_path() -> Mapping[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for call in CALLS:
        found.setdefault(call.path, []).append(call)
    return found


def _path(calls: Iterable[Call]) -> Json:
    return {call.method.lower(): _operation(call) for call in calls}


def _operation(call: Call) -> Json:
    body = {"requestBody": _request(call)} if call.body else {}
    return body | {
        "operationId": call.name,
        "summary": str(call.title),
        "description": f"{call.text} Needs a key that may `{call.scope}`.",
        "parameters": list(_parameters(call)),
        "responses": dict(_responses(call)),
    }


def _parameters(call: Call) -> Iterable[Json]:
    for name in PARAMETER.findall(call.path):
        yield _parameter(name, "path", TEXT | PLACES[name], needed=True)
    for name, text in call.query.items():
        yield _parameter(name, "query", QUERIES[name] | {"description": str(text)})
    if call.once:
        yield _parameter("Idempotency-Key", "header", TEXT | ONCE, needed=True)
    if call.tagged:
        yield _parameter("If-None-Match", "header", TEXT | {"description": "The `ETag` of an answer."})
    yield _parameter("Accept-Language", "header", TEXT | {"description": "Of the texts."})


def _parameter(name: str, place: str, schema: Json, *, needed: bool = False) -> Json:
    return {"name": name, "in": place, "required": needed, "schema": schema}


def _request(call: Call) -> Json:
    assert call.body is not None
    needed = bool(form_of(call.body).get("required") or call.body is Wish)
    media = {"schema": _form(call.body)} | ({"example": call.example} if call.example else {})
    return {"content": {JSON: media}, "required": needed}


def _responses(call: Call) -> Iterable[tuple[str, Json]]:
    headers = _headers(*RATE, *(["ETag"] * call.tagged), *(["Idempotent-Replayed"] * call.once))
    good = {"content": {JSON: {"schema": _form(call.answer)}}, "headers": headers}
    yield str(call.status), {"description": "Done."} | good
    if call.tagged:
        yield "304", {"description": "Nothing changed.", "headers": headers}
    for status, slugs in problems_of(call).items():
        alike = {"$ref": f"#/components/responses/{status}"}
        yield str(status), _refusal(status, slugs) if status in OWN else alike
    if call.once:
        yield "502", {"description": "Only in the sandbox: it was booked, and the answer is lost."}


def _shared() -> Iterable[tuple[str, Json]]:
    for call in CALLS:
        for status, slugs in problems_of(call).items():
            if status not in OWN:
                yield str(status), _refusal(status, slugs)


def _refusal(status: int, slugs: Iterable[str]) -> Json:
    types = {"enum": [f"{DOCS}#{slug}" for slug in sorted(slugs)]}
    own = {"properties": {"type": types, "status": {"const": status}}}
    return {
        "description": SENTENCES.get(status, HTTPStatus(status).phrase),
        "content": {PROBLEM_JSON: {"schema": {"allOf": [_form(told.Problem), own]}}},
        "headers": _headers(*RATE, *(["Retry-After"] if status in LATER else [])),
    }


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _form(kind: type) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
