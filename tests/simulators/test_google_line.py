"""A connection to the simulated Google serves call after call, whatever the calls bring and leave unread."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from threading import Event

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from simulators.google_wallet.line import Line
from tests.services.serving import serving

MORE = Event()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, _answer, threaded=True, request_handler=Line)
    with serving(server):
        yield server.server_port


@pytest.fixture
def line(port: int) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.connect()
    yield connection
    connection.close()


@Request.application
def _answer(request: Request) -> Response:
    if request.path == "/unread":
        return Response("left alone")
    if request.path == "/nothing":
        return Response(status=204)
    if request.path == "/stream":
        return Response(_pieces())
    return Response(f"{request.environ['REMOTE_PORT']} {request.get_data(as_text=True)}")


def _pieces() -> Iterator[str]:
    yield "one"
    MORE.wait(5)
    yield "two"


def test_call_after_call_goes_over_one_connection(line: HTTPConnection) -> None:
    own = line.sock.getsockname()[1]
    assert _said(line, "POST", "/", b"first") == f"{own} first"
    assert _said(line, "POST", "/", b"second") == f"{own} second"


@pytest.mark.parametrize(("verb", "path"), [("POST", "/unread"), ("POST", "/nothing"), ("HEAD", "/")])
def test_a_body_that_nobody_reads_is_not_taken_for_the_next_call(
    line: HTTPConnection, verb: str, path: str
) -> None:
    own = line.sock.getsockname()[1]
    _said(line, verb, path, b"GET / HTTP/1.1\r\n\r\n" * 9_000)
    assert _said(line, "POST", "/", b"next") == f"{own} next"


def test_a_body_of_unknown_length_is_the_last_of_its_connection(line: HTTPConnection) -> None:
    line.request("POST", "/", iter([b"in ", b"pieces"]), encode_chunked=True)
    answer = line.getresponse()
    assert answer.getheader("Connection") == "close"
    assert answer.read().endswith(b" in pieces")


def test_a_stream_is_heard_piece_by_piece(line: HTTPConnection) -> None:
    line.request("GET", "/stream")
    answer = line.getresponse()
    assert answer.read(3) == b"one"
    MORE.set()
    assert answer.read() == b"two"


def _said(line: HTTPConnection, verb: str, path: str, body: bytes) -> str:
    line.request(verb, path, body)
    return line.getresponse().read().decode()
