"""What is wrong with a body: each field by its name, what was sent for it, and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wallet_service.api.problems import BadBody
from wallet_service.api.told import Fault

MOST_FAULTS, MOST_SENT, MOST_NAME = 20, 64, 64
PERSONAL = {"name", "phone", "email", "birthday", "consents", "reason"}
"""What a member said, or somebody about them: never told again, lest it stands in a log."""
PLAINLY = {"extra_forbidden": "there is no such field", "missing": "this field is needed"}
Schema = Mapping[str, Any]


def bad_body(kind: type[BaseModel], error: ValidationError) -> BadBody:
    found = error.errors(include_url=False, include_context=False)[:MOST_FAULTS]
    faults = [_fault(kind, fault) for fault in found]
    sentences = "; ".join(f"`{fault['field']}`: {fault['detail']}" for fault in faults)
    return BadBody(f"{sentences}.", faults)


def named_once(sent: bytes) -> None:
    """BadBody for valid JSON that names a field twice, of which either may have been meant."""
    json.loads(sent.decode(), object_pairs_hook=_once)


def allowed(schema: Schema, known: Schema) -> str:
    """What a field takes, in words: "a whole number from 1 to 100"."""
    schema = _looked_up(schema, known)
    if "anyOf" in schema:
        return " or ".join(allowed(one, known) for one in schema["anyOf"])
    words = _WORDS.get(schema.get("type", ""), "a value")
    if "pattern" in schema and "maxLength" not in schema:
        return f"{words} of the form {schema['pattern']}"
    return f"{words}{_bounds(schema)}"


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) == len(pairs):
        return
    names = [name for name, _ in pairs]
    field = next(name for place, name in enumerate(names) if name in names[:place])[:MOST_NAME]
    raise BadBody(
        f"`{field}`: this field stands twice.", [{"field": field, "detail": "this field stands twice"}]
    )


def _fault(kind: type[BaseModel], fault: ErrorDetails) -> Fault:
    field = ".".join(str(part)[:MOST_NAME] for part in fault["loc"]) or "body"
    said: Fault = {
        "field": field,
        "detail": PLAINLY.get(fault["type"], fault["msg"].removeprefix("Value error, ")),
    }
    if (sent := _sent(fault)) is not None:
        said["sent"] = sent
    if fault["loc"] and (takes := _takes(kind, fault["loc"])) is not None:
        said["allowed"] = takes
    return said


def _sent(fault: ErrorDetails) -> str | None:
    """Nothing is repeated of a whole body, and of a field that we do not know, which may be anything."""
    place = fault["loc"]
    if not place or fault["type"] in PLAINLY or not PERSONAL.isdisjoint(map(str, place)):
        return None
    told = json.dumps(fault["input"], ensure_ascii=False, default=str)
    return told if len(told) <= MOST_SENT else f"{told[: MOST_SENT - 1]}…"


def _takes(kind: type[BaseModel], place: tuple[int | str, ...]) -> str | None:
    """None for a field that there is not."""
    whole = _schema(kind)
    known, here = whole.get("$defs", {}), whole
    for part in place:
        here = next((one for one in _choices(here, known) if _has(one, part)), {})
        here = here.get("items", {}) if isinstance(part, int) else here.get("properties", {}).get(part, {})
    return allowed(here, known) if here else None


def _choices(schema: Schema, known: Schema) -> list[Schema]:
    return [_looked_up(one, known) for one in schema.get("anyOf", [schema])]


def _has(schema: Schema, part: int | str) -> bool:
    return "items" in schema if isinstance(part, int) else part in schema.get("properties", {})


def _looked_up(schema: Schema, known: Schema) -> Schema:
    named: Schema = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return named


def _bounds(schema: Schema) -> str:
    if "minimum" in schema or "maximum" in schema:
        return f" from {schema.get('minimum')} to {schema.get('maximum')}"
    if "maxLength" in schema:
        return f" of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    if "maxItems" in schema:
        return f" of at most {schema['maxItems']}"
    return " with its offset, such as 2026-11-21T09:30:00Z" if schema.get("format") == "date-time" else ""


_WORDS = {
    "integer": "a whole number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


@lru_cache
def _schema(kind: type[BaseModel]) -> Schema:
    return kind.model_json_schema()
