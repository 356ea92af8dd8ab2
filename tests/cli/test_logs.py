"""Log lines are read by machines, belong to a request, and hold no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from wallet_service.cli import logs
from wallet_service.push.request_id import request_id

log = logging.getLogger("wallet_service.test")

SECRETS = [
    "Authorization: Bearer wk_ab12_0123456789abcdef",
    "ApplePass mU3cDr-_x9",
    "postgresql+psycopg://shop:hunter2@db/cards",
    "redis://:hunter2@broker/0",
    "https://cards.example.com/card/eyJhbGciOi.J9/apple",
    "key wk_115148ffd65c_fe3fad21ad1a9a8c83da6549",
    "acc6c912d317f0afb166ec7dbc80462fcc540fd1af0a4d7c4b03e45c8d11ff59",
    "grace@example.com",
    "+7 999 123-45-67",
    "card 1095 1234 5678 9012 345",
    "/api/v1/cards/1095123456789012345/purchases",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
    "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A",
]
TOLD = [
    "hunter2",
    "mU3cDr",
    "0123456789abcdef",
    "eyJhbGciOi",
    "fe3fad21",
    "acc6c912",
    "grace",
    "999 123",
    "1095",
    "MIIEvQ",
    "Zm9v",
]
PLAIN = [
    "card 0b6f0f9e-2a71-4b2c-9d6f-1f0a2b3c4d5e",
    "the certificate pass.com.example.coffee",
    "12 of 34 marks",
]


@pytest.fixture(params=["json", "text"])
def written(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    logs.write_log(request.param)
    stream = StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:], root.level = kept, level
    logging.getLogger(logs.OURS).setLevel(logging.NOTSET)
    logging.captureWarnings(False)


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_S1_S3_no_line_holds_a_secret(written: StringIO, secret: str) -> None:
    log.warning("failed: %s", secret, extra={"more": secret})
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("and a traceback")
    assert [word for word in TOLD if word in written.getvalue()] == []


@pytest.mark.parametrize("plain", PLAIN)
def test_what_an_operator_needs_stays(written: StringIO, plain: str) -> None:
    log.warning("%s", plain)
    assert plain in written.getvalue()


def test_S19_a_line_forges_no_other(written: StringIO) -> None:
    log.warning("a phone says: %s", 'ok\n{"level": "error"}\r\n\x1b[31mred\u2028x')
    assert written.getvalue().count("\n") == 1
    assert "\x1b" not in written.getvalue()


def test_a_line_belongs_to_the_request_that_is_served(written: StringIO) -> None:
    kept = request_id.set("0123456789abcdef0123456789abcdef")
    log.warning("here")
    log.warning("told", extra={"request_id": "till-7"})
    request_id.reset(kept)
    log.warning("nobody's")
    here, told, nobodys = written.getvalue().splitlines()
    assert ("0123456789abcdef0123456789abcdef" in here, "till-7" in told) == (True, True)
    assert ("request_id" in nobodys, "[" in nobodys) == (False, False)


def test_json_has_what_belongs_to_it() -> None:
    record = logging.LogRecord("wallet_service.x", logging.INFO, "", 0, "Привет %s", ("мир",), None)
    record.ms = 3.5
    said = json.loads(logs.Json().format(record))
    assert (said["message"], said["ms"], said["level"]) == ("Привет мир", 3.5, "info")
