"""What each answer of Google's means for us: by its reason, never by its status alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LONGEST_MESSAGE = 300
MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


class Verdict(StrEnum):
    DONE = "done"
    EXISTS = "exists"
    OBJECT_GONE = "object gone"
    CLASS_GONE = "class gone"
    BAD_PICTURE = "bad picture"
    NOT_FOR_US = "not for us"  # a field that Google allows to chosen issuers only
    OUR_BUG = "our bug"
    TOKEN = "token"  # noqa: S105  # a verdict
    CREDENTIAL = "credential"
    BUDGET = "budget"
    SLOW_DOWN = "slow down"
    LOCKED = "locked"
    UNKNOWN = "unknown"


BY_REASON = {
    "permissionDenied": Verdict.CREDENTIAL,
    "insufficientPermissions": Verdict.CREDENTIAL,
    "accessNotConfigured": Verdict.CREDENTIAL,
    "forbidden": Verdict.CREDENTIAL,
    "authError": Verdict.TOKEN,
    "quotaExceeded": Verdict.BUDGET,  # of notices: a 403 that is no lack of permission
    "rateLimitExceeded": Verdict.SLOW_DOWN,
    "userRateLimitExceeded": Verdict.SLOW_DOWN,
    "existingResource": Verdict.EXISTS,
    "classNotFound": Verdict.CLASS_GONE,
    "resourceNotFound": Verdict.OBJECT_GONE,
    "conditionNotMet": Verdict.LOCKED,
    "backendError": Verdict.UNKNOWN,
    "internalError": Verdict.UNKNOWN,
    "requestTimeout": Verdict.UNKNOWN,
}
BY_STATUS = {
    400: Verdict.OUR_BUG,
    401: Verdict.TOKEN,
    403: Verdict.CREDENTIAL,
    404: Verdict.OBJECT_GONE,
    409: Verdict.EXISTS,
    412: Verdict.LOCKED,
    413: Verdict.OUR_BUG,
    429: Verdict.SLOW_DOWN,
}
PICTURE = re.compile(r"\bimage\b", re.IGNORECASE)
CHOSEN_ISSUERS = {
    "merchant locations": ("merchantLocations",),
    "smart tap": ("enableSmartTap", "redemptionIssuers", "smartTapRedemptionValue"),
}


@dataclass(frozen=True)
class Answer:
    """`status` 0: there was no answer. `message` is Google's own sentence, without names."""

    verdict: Verdict
    status: int = 0
    reason: str = ""
    message: str = ""
    retry_after: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """For the operator: what Google said, reason and all."""
        said = f"Google: {self.status or 'no answer'} {self.reason}".strip()
        return f"{said}. {self.message}" if self.message else said


def answered(status: int, content: bytes, retry_after: str | None = None) -> Answer:
    """An answer that came in; one that cannot be read says nothing about what was done."""
    body = _json(content)
    if 200 <= status < 300:
        if body is None:
            return Answer(Verdict.UNKNOWN, status, "unreadable", "The answer was no JSON object.")
        return Answer(Verdict.DONE, status, body=body)
    reason, message = _said(body or {})
    verdict = _verdict(status, reason, message)
    return Answer(verdict, status, reason, without_names(message), _seconds(retry_after))


def refused_fields(message: str) -> tuple[str, ...]:
    """Which fields of ours Google does not allow to this issuer."""
    lower = message.lower()
    return next((fields for words, fields in CHOSEN_ISSUERS.items() if words in lower), ())


def without_names(message: str) -> str:
    """One line without mail addresses; object ids say nothing about a person."""
    return MAIL.sub("…", " ".join(message.split()))[:LONGEST_MESSAGE]


def _verdict(status: int, reason: str, message: str) -> Verdict:
    if status == 400 and refused_fields(message):
        return Verdict.NOT_FOR_US
    if status == 400 and PICTURE.search(message):
        return Verdict.BAD_PICTURE
    return BY_REASON.get(reason) or BY_STATUS.get(status, Verdict.UNKNOWN)


def _said(body: Mapping[str, Any]) -> tuple[str, str]:
    error = body.get("error")
    if not isinstance(error, dict):
        return "", ""
    first = next((one for one in _list(error.get("errors")) if isinstance(one, dict)), {})
    message = error.get("message") or first.get("message") or ""
    return str(first.get("reason") or error.get("status") or "")[:64], str(message)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _json(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _seconds(retry_after: str | None) -> int | None:
    """Google sends whole seconds; a date there is not worth a parser."""
    return min(int(retry_after), 3600) if retry_after and retry_after.strip().isdecimal() else None
