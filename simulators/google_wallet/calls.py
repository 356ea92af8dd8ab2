"""A request and its answer, apart from any web framework, because a batch carries many of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.google_wallet.errors import GoogleError

JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Call:
    verb: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    authorization: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """`hold` set: nothing is said for so many seconds, then the line is cut."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    hold: float | None = None

    @property
    def reason(self) -> str:
        """The machine-readable word of a refusal."""
        if self.status < 400:
            return ""
        try:
            said = json.loads(self.body)["error"]
            return str(said["errors"][0]["reason"] if isinstance(said, dict) else said)
        except (ValueError, LookupError, TypeError, RecursionError):
            return ""


def saying(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def refusing(error: GoogleError) -> Answer:
    challenge = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'}
    headers = {"Content-Type": JSON} | (challenge if error.status == 401 else {})
    return Answer(error.status, error.body(), headers)
