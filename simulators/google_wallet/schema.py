"""The gate for payloads: JSON Schemas made from Google's description, and the rules it says in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from simulators.google_wallet.discovery import good_values, is_deprecated, is_required, parts, properties
from simulators.google_wallet.rules import faults_of

CLASS, OBJECT, MESSAGE = "LoyaltyClass", "LoyaltyObject", "AddMessageRequest"
Schema = dict[str, Any]
_NUMBERS: Mapping[str, Schema] = {
    "int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "uint32": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    "int64": {"type": "string", "pattern": r"\A-?[0-9]{1,19}\Z"},
    "uint64": {"type": "string", "pattern": r"\A[0-9]{1,20}\Z"},
    "byte": {"type": "string", "pattern": r"\A[A-Za-z0-9+/_-]*={0,2}\Z"},
}


def check_class(body: Any, *, allow_http: bool = False) -> list[str]:
    """What is wrong with a class that is to be inserted; an empty list means nothing."""
    return check(CLASS, body, allow_http=allow_http)


def check_object(body: Any, *, allow_http: bool = False) -> list[str]:
    return check(OBJECT, body, allow_http=allow_http)


def check_message(body: Any, *, allow_http: bool = False) -> list[str]:
    """The body of addMessage: `{"message": {…}}`."""
    return check(MESSAGE, body, allow_http=allow_http)


def check_patch(schema: str, body: Any, *, allow_http: bool = False) -> list[str]:
    """A PATCH of a CLASS or an OBJECT: nothing is required, and null removes a field."""
    kept = without_nulls(body)
    return check_patch_shape(schema, body) or faults_of(schema, kept, allow_http=allow_http, whole=False)


def check_patch_shape(schema: str, body: Any) -> list[str]:
    """Names and types only; the rules are for what comes out of the merge."""
    if not isinstance(body, dict):
        return ["The body must be a JSON object."]
    return _unknown_nulls(body, schema) or _shape(schema, without_nulls(body), required=False)


def check(schema: str, body: Any, *, allow_http: bool = False) -> list[str]:
    return _shape(schema, body, required=True) or faults_of(schema, body, allow_http=allow_http, whole=True)


def missing(schema: str, body: Mapping[str, Any]) -> list[str]:
    """Required fields that a merge has left without a value."""
    return [
        f"{name}: is required."
        for name, one in properties(schema).items()
        if is_required(one) and name not in body
    ]


def merge_faults(schema: str, body: Mapping[str, Any], touched: Iterable[str], allow_http: bool) -> list[str]:
    """Of the fields that a change has touched; some faults only show when old and new stand together."""
    changed = {name: body[name] for name in touched if name in body}
    return missing(schema, body) or faults_of(schema, changed, allow_http=allow_http, whole=bool(changed))


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return value


def _shape(schema: str, body: Any, *, required: bool) -> list[str]:
    found = _validator(schema, required).iter_errors(body)
    return [f"{error.json_path.removeprefix('$').lstrip('.')}: {_said(error)}" for error in found]


def _said(error: Any) -> str:
    return str(error.message)[:300]


@cache
def _validator(schema: str, required: bool) -> Any:
    return Draft202012Validator(_object(schema, required))


@cache
def _object(schema: str, required: bool) -> Schema:
    """Written out in full rather than with references: no loyalty schema contains itself, so it may be."""
    current = {
        name: one
        for name, one in properties(schema).items()
        if not is_deprecated(one) and not _is_the_platforms(schema, name)
    }
    made = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(one, required) for name, one in current.items()},
    }
    needed = [name for name, one in current.items() if is_required(one)]
    return made | ({"required": needed} if required and needed else {})


def _is_the_platforms(schema: str, name: str) -> bool:
    """What Google writes and an issuer never sends; `classReference` would be a class inside an object."""
    return name in {
        CLASS: {"review"},
        OBJECT: {"hasUsers", "hasLinkedDevice", "classReference"},
    }.get(schema, set())


def _property(described: Mapping[str, Any], required: bool) -> Schema:
    if "$ref" in described:
        return _object(described["$ref"], required)
    if "enum" in described:
        return {"enum": good_values(described)}
    if described["type"] == "array":
        return {"type": "array", "items": _property(described["items"], required)}
    return _NUMBERS.get(described.get("format", ""), {"type": described["type"]})


def _unknown_nulls(body: dict[str, Any], schema: str) -> list[str]:
    return [
        f"{place}.{name}: is no field of {kind}.".lstrip(".")
        for place, kind, value in parts(body, schema)
        for name, one in value.items()
        if one is None and name not in properties(kind)
    ]
