"""Phones stand in a queue of their own, and nobody waits for a body that does not end."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.town import soon
from wallet_service.web.turnstile import MOST, PHONES, Turnstile

PHONE, TILL = "/apple/v1/log", "/till/scan"
Answer = tuple[str, bytes]


class Slow:
    """An application whose phones are served when `served` is set; everybody else is at once."""

    def __init__(self) -> None:
        self.served, self.at_work, self.most = threading.Event(), 0, 0
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if "apple" in environ["PATH_INFO"]:
            with self._lock:
                self.at_work += 1
                self.most = max(self.most, self.at_work)
            assert self.served.wait(10)
            with self._lock:
                self.at_work -= 1
        start("200 OK", [])
        return [environ["wsgi.input"].read()]


class Endless(io.RawIOBase):
    """A body whose next byte comes when `ends` is set."""

    def __init__(self) -> None:
        self.ends = threading.Event()

    def read(self, _: int = -1) -> bytes:
        assert self.ends.wait(10)
        return b"{}"


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def turnstile(slow: Slow) -> Turnstile:
    return Turnstile(slow, "/apple/")


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as threads:
        yield threads


def ask(turnstile: Turnstile, path: str, body: bytes = b"") -> Answer:
    environ = EnvironBuilder(method="POST", data=body).get_environ() | {"PATH_INFO": path}
    content, status, _ = run_wsgi_app(turnstile, environ)
    return status, b"".join(content)


def half_said(turnstile: Turnstile, path: str, body: io.RawIOBase) -> str:
    environ = EnvironBuilder(path=path, method="POST").get_environ()
    environ |= {"CONTENT_LENGTH": "2", "wsgi.input": body, "wsgi.input_terminated": True}
    return run_wsgi_app(turnstile, environ)[1]


@pytest.mark.parametrize("path", [PHONE, f"/{PHONE}"])
def test_a_till_is_served_while_phones_stand_in_line(
    turnstile: Turnstile, slow: Slow, crowd: ThreadPoolExecutor, path: str
) -> None:
    phones: list[Future[Answer]] = [crowd.submit(ask, turnstile, path) for _ in range(PHONES * 3)]
    soon(lambda: slow.at_work == PHONES)
    assert ask(turnstile, TILL, b"scanned") == ("200 OK", b"scanned")
    assert not any(phone.done() for phone in phones)
    slow.served.set()
    assert {phone.result(10)[0] for phone in phones} == {"200 OK"}
    assert slow.most == PHONES


def test_S18_who_never_ends_a_sentence_holds_up_nobody(
    turnstile: Turnstile, slow: Slow, crowd: ThreadPoolExecutor
) -> None:
    slow.served.set()
    body = Endless()
    talking = [crowd.submit(half_said, turnstile, path, body) for path in (PHONE, TILL) for _ in range(9)]
    assert ask(turnstile, PHONE, b"in between") == ("200 OK", b"in between")
    assert ask(turnstile, TILL, b"in between") == ("200 OK", b"in between")
    assert not wait(talking, timeout=0).done
    body.ends.set()
    assert {one.result(10) for one in talking} == {"200 OK"}


def test_who_hangs_up_in_the_midst_is_not_let_in(turnstile: Turnstile) -> None:
    environ = EnvironBuilder(path=TILL, method="POST", data=b"half").get_environ()
    content, status, _ = run_wsgi_app(turnstile, environ | {"CONTENT_LENGTH": "8"})
    assert status.startswith("400"), b"".join(content)


def test_S18_a_body_in_chunks_is_heard_until_it_is_too_long_for_every_door(turnstile: Turnstile) -> None:
    environ = EnvironBuilder(path=TILL, method="POST", data=b"x" * MOST * 2).get_environ()
    del environ["CONTENT_LENGTH"]
    environ |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    content, status, _ = run_wsgi_app(turnstile, environ)
    assert (status, len(b"".join(content))) == ("200 OK", MOST)
