"""What a process writes to its log: line by line, with the request it was done for, without secrets."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from wallet_service.push.request_id import request_id

OURS = "wallet_service"
SECRETS = re.compile(
    r"""
      (?P<pem> -----BEGIN\ [^-]+-----.*?(?:-----END\ [^-]+-----|\Z) )
    | (?P<scheme> \b(?:Bearer|Basic|ApplePass) ) \s+ [^\s'",;]+
    | (?P<url> \w+:// ) [^/\s:@]* : [^@\s/]* (?=@)
    | (?P<page> /card/ ) [^/\s'"\]?]+
    | (?P<key> \bwk_ ) \w+
    | [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)+                       # a mail address
    | (?<![\w-]) 1 \d{3} (?:\ ? \d{4}){3} \ ? \d{3} (?![\w-])   # a card number
    | (?<![\w-]) \+ \d [\d()-]* (?:\ ? [\d()-]{2,5}){2,5}     # a phone number
    | \b [0-9A-Fa-f]{32,} \b                                # a device, a push token, a digest
    | (?<![\w/.-]) (?=[\w-]*\d) (?=[\w-]*[A-Z]) [\w-]{40,}  # any other long secret
    """,
    re.VERBOSE | re.DOTALL,
)
KEPT = ("request_id", "delivery", "logger", "level", "time")
"""Fields that hold no secret, whatever they look like."""


def write_log(form: str) -> None:
    """`form` is json or text; to the standard error, where whoever starts us looks."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if form == "json" else Text())
    handler.addFilter(_with_request)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    logging.captureWarnings(True)


def without_secrets(text: str) -> str:
    """S1, S3: nothing that opens anything, and nothing by which a person could be found."""
    return SECRETS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    before = next((found[name] for name in ("url", "page", "key") if found[name]), "")
    return f"{found['scheme']} …" if found["scheme"] else f"{before}…"


def _with_request(record: logging.LogRecord) -> bool:
    """What was told for a request names it itself; all else belongs to the request that is served now."""
    if not hasattr(record, "request_id"):
        record.request_id = request_id.get()
    return True


class Json(JsonFormatter):
    """One object a line, whatever stands in it."""

    def __init__(self) -> None:
        super().__init__("%(message)s", json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["time"] = _moment(record)
        log_data["level"], log_data["logger"] = record.levelname.lower(), record.name
        super().add_fields(log_data, record, message_dict)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {
            name: without_secrets(value) if isinstance(value, str) and name not in KEPT else value
            for name, value in log_data.items()
            if value is not None
        }


class Text(logging.Formatter):
    """For a person at a terminal; line breaks only where a traceback has them (S19)."""

    def format(self, record: logging.LogRecord) -> str:
        named = f" [{named}]" if (named := getattr(record, "request_id", None)) else ""
        line = f"{_moment(record)} {record.levelname.lower()} {record.name}{named}: "
        line += without_secrets(_one_line(record.getMessage())) + _facts(record)
        if record.exc_info:
            line += "\n" + without_secrets(self.formatException(record.exc_info))
        return line


def _facts(record: logging.LogRecord) -> str:
    """What belongs to the line, as `(room=api ms=9.4)`."""
    known = {*RESERVED_ATTRS, "request_id"}
    facts = {name: value for name, value in vars(record).items() if name not in known and value is not None}
    shown = (
        f"{name}={value if name in KEPT else without_secrets(_one_line(str(value)))}"
        for name, value in facts.items()
    )
    return f" ({' '.join(shown)})" if facts else ""


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _one_line(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
