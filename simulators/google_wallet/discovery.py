"""Google's own machine-readable description of the API, as the official client carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

SIMULATED = ("issuer", "jwt", "loyaltyclass", "loyaltyobject")


@dataclass(frozen=True)
class Method:
    """One way to ask: `loyaltyobject.patch` is PATCH on /walletobjects/v1/loyaltyObject/{resourceId}."""

    resource: str
    name: str
    verb: str
    path: str
    parameters: frozenset[str]


@cache
def document() -> Mapping[str, Any]:
    folder = resources.files("googleapiclient.discovery_cache") / "documents"
    described: Mapping[str, Any] = json.loads((folder / "walletobjects.v1.json").read_text("utf-8"))
    return described


def methods() -> Iterator[Method]:
    everywhere = frozenset(document()["parameters"])
    for resource in SIMULATED:
        for name, method in document()["resources"][resource]["methods"].items():
            own = frozenset(name for name, one in method["parameters"].items() if one["location"] == "query")
            yield Method(resource, name, method["httpMethod"], "/" + method["path"], own | everywhere)


def properties(schema: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document()["schemas"][schema].get("properties", {})
    return found


def is_deprecated(described: Mapping[str, Any]) -> bool:
    """Some old fields carry the flag, some only say so."""
    return bool(described.get("deprecated")) or _says(described, "Deprecated")


def is_required(described: Mapping[str, Any]) -> bool:
    """The document has no flag for it; the descriptions of such fields begin with the word."""
    return _says(described, "Required")


def _says(described: Mapping[str, Any], word: str) -> bool:
    return str(described.get("description", "")).startswith(word)


def good_values(described: Mapping[str, Any]) -> list[str]:
    """Without the old spellings, and without "unspecified", which means to leave the field out (G20)."""
    values = described["enum"]
    old = described.get("enumDeprecated") or [False] * len(values)
    return [
        value
        for value, gone in zip(values, old, strict=True)
        if not gone and not value.endswith("UNSPECIFIED")
    ]


def parts(value: Any, schema: str, place: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every object inside `value`, itself first: where it stands, what it is, and what it holds."""
    if not isinstance(value, dict):
        return
    yield place, schema, value
    known = properties(schema)
    for name, inner in value.items():
        described = known.get(name, {})
        below = f"{place}.{name}" if place else name
        if "$ref" in described:
            yield from parts(inner, described["$ref"], below)
        elif isinstance(inner, list) and "$ref" in described.get("items", {}):
            for number, one in enumerate(inner):
                yield from parts(one, described["items"]["$ref"], f"{below}[{number}]")
