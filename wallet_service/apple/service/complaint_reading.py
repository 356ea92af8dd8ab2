"""Reads a line of a phone's log: what it complains about, and of which card."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wallet_service.push.complaints import Complaint

# docs/conformance.md#phone-15:
# [time] <task> (for device .., pass type .., serial number ..; with web ..) encountered error: <text>
ERROR = re.compile(r"encountered (?:error|warning):|web service (?:error|warning) for", re.IGNORECASE)
SERIAL = re.compile(
    r"serial(?: number)?\W{1,3}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b", re.IGNORECASE
)
DEVICE = re.compile(r"(\bdevices?\W{1,3})(?=[^\s,;()/]*\d)([^\s,;()/]{4})([^\s,;()/]{4,})", re.IGNORECASE)
SHOWN = r"\1\2…"

# in this order: a text may hold the words of a later one
KINDS = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        (Complaint.MALFORMED, r"malformed"),
        (Complaint.AUTHENTICATION, r"authentication fail|unauthori[sz]ed|response code 401"),
        (Complaint.PUT_OFF, r"response code (429|503)"),
        (Complaint.SERVER_ERROR, r"response code 5\d\d"),
        (Complaint.UNEXPECTED_STATUS, r"response code \d+"),
        (Complaint.CONNECTION, r"connection (error|(was )?lost)|timed out|could not connect|nsurlerror"),
        (Complaint.PERSONALIZATION, r"personali[sz]"),
        (Complaint.CONDITION_IGNORED, r"ignored\W+(the\W+)?if-modified-since"),
        (Complaint.NO_LAST_MODIFIED, r"(not send|missing|no|without)\W+(an?\W+)?last-modified"),
        (Complaint.DUPLICATE_KEYS, r"duplicate\W.*\bkeys?\b|multiple fields\b.*\bkey\b"),
        (Complaint.WRONG_PASS, r"\bbut received\b|(serial|type)\b.*\bmismatch"),
        (Complaint.INVALID_PASS, r"invalid pass\b|invalid data|cannot be read|invalid signature"),
        (Complaint.NOT_REGISTERED, r"unregistered serial|not registered on this device"),
        (Complaint.TAG, r"last\W?updated"),
        (Complaint.PUSH_IN_VAIN, r"spurious push|push received|no serial numbers|without serial"),
        (Complaint.LISTED_UNCHANGED, r"unchanged"),
    )
)


@dataclass(frozen=True)
class Read:
    """`line` is what may be kept of it: a device's own identifier opens its list (W11) and is shortened.
    `device` is that identifier, to look at and not to keep.
    """

    line: str
    kind: Complaint
    serial: str | None
    device: str | None = field(default=None, repr=False)


def read(line: str) -> Read:
    facts, text = _parts(line)
    named = SERIAL.search(facts) or SERIAL.search(text)
    phone = DEVICE.search(facts)
    return Read(
        DEVICE.sub(SHOWN, line),
        _kind(text),
        named[1].lower() if named else None,
        phone[2] + phone[3] if phone else None,
    )


def _parts(line: str) -> tuple[str, str]:
    """What it was doing, and what went wrong with it."""
    if found := ERROR.search(line):
        return line[: found.start()], line[found.end() :]
    return "", line


def _kind(text: str) -> Complaint:
    return next((kind for kind, words in KINDS if words.search(text)), Complaint.OTHER)
