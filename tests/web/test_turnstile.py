"""Phones and probes stand in queues of their own, and nobody waits without end."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import repeat
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.town import soon
from tests.web.site import Site
from wallet_service.web.turnstile import ASKING, MOST, OTHERS, PHONES, TURNED_AWAY, Turnstile

PHONE, TILL = "/apple/v1/log", "/till/scan"
SLOWLY = ("apple", "slow", "metrics")
BUSY = "503 SERVICE UNAVAILABLE"
Answer = tuple[str, bytes]


class Slow:
    """An application whose phones, and what is slow, are served when `served` is set; everybody else is at
    once.
    """

    def __init__(self) -> None:
        self.served, self.at_work, self.most = threading.Event(), 0, 0
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        here = not environ.get(TURNED_AWAY)
        if here and environ["PATH_INFO"].lstrip("/").startswith(SLOWLY):
            with self._lock:
                self.at_work += 1
                self.most = max(self.most, self.at_work)
            assert self.served.wait(30)
            with self._lock:
                self.at_work -= 1
        start(BUSY if environ.get(TURNED_AWAY) else "200 OK", [])
        return [environ["wsgi.input"].read()]


class Endless(io.RawIOBase):
    """A body whose next byte comes when `ends` is set."""

    def __init__(self) -> None:
        self.ends = threading.Event()

    def read(self, _: int = -1) -> bytes:
        assert self.ends.wait(10)
        return b"{}"


class Trickle(io.RawIOBase):
    """A body of which a byte comes now and then, without end."""

    def read(self, _: int = -1) -> bytes:
        return b"x"


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
    assert half_heard(turnstile, TILL).startswith("400")


def test_S18_a_body_in_chunks_is_heard_until_it_is_too_long_for_every_door(turnstile: Turnstile) -> None:
    environ = EnvironBuilder(path=TILL, method="POST", data=b"x" * MOST * 2).get_environ()
    del environ["CONTENT_LENGTH"]
    environ |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    content, status, _ = run_wsgi_app(turnstile, environ)
    assert (status, len(b"".join(content))) == ("200 OK", MOST)


def test_S18_a_body_that_trickles_in_holds_nobody_for_long(slow: Slow) -> None:
    turnstile = Turnstile(slow, "/apple/", patience=-1.0)
    environ = EnvironBuilder(path=TILL, method="POST").get_environ()
    environ |= {"CONTENT_LENGTH": "100", "wsgi.input": Trickle(), "wsgi.input_terminated": True}
    assert run_wsgi_app(turnstile, environ)[1].startswith("408")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_answered_while_both_queues_are_full(
    turnstile: Turnstile, slow: Slow, crowd: ThreadPoolExecutor, path: str
) -> None:
    waiting = [crowd.submit(ask, turnstile, PHONE) for _ in range(PHONES + 1)]
    waiting += [crowd.submit(ask, turnstile, "/slow") for _ in range(OTHERS + 1)]
    soon(lambda: slow.at_work == PHONES + OTHERS)
    assert ask(turnstile, path) == ("200 OK", b"")
    slow.served.set()
    assert {one.result(30)[0] for one in waiting} == {"200 OK"}


def test_probes_that_hang_hide_neither_a_till_nor_that_somebody_is_alive(
    turnstile: Turnstile, slow: Slow, crowd: ThreadPoolExecutor
) -> None:
    waiting = [crowd.submit(ask, turnstile, "/metrics") for _ in range(ASKING * 2)]
    soon(lambda: slow.at_work == ASKING)
    assert [ask(turnstile, path)[0] for path in ("/healthz", TILL)] == ["200 OK"] * 2
    slow.served.set()
    assert {one.result(30)[0] for one in waiting} == {"200 OK"}
    assert slow.most == ASKING


@pytest.mark.parametrize(("path", "places"), [(PHONE, PHONES), ("/slow", OTHERS), ("/metrics", ASKING)])
def test_who_has_waited_long_is_asked_to_come_back_and_takes_nobodys_turn(
    slow: Slow, crowd: ThreadPoolExecutor, path: str, places: int
) -> None:
    turnstile = Turnstile(slow, "/apple/", patience=0.01)
    at_work = [crowd.submit(ask, turnstile, path) for _ in range(places)]
    soon(lambda: slow.at_work == places)
    assert ask(turnstile, path)[0] == BUSY
    slow.served.set()
    assert {one.result(30)[0] for one in at_work} == {"200 OK"}
    assert ask(turnstile, path)[0] == "200 OK"


@pytest.mark.parametrize(("path", "places"), [(PHONE, PHONES), (TILL, OTHERS), ("/readyz", ASKING)])
def test_a_turn_comes_back_however_it_ends(path: str, places: int) -> None:
    turnstile = Turnstile(failing, "/apple/", patience=0.01)
    for _ in range(places + 1):
        with pytest.raises(ZeroDivisionError):
            ask(turnstile, path)
    for _ in range(places + 1):
        assert half_heard(turnstile, path).startswith("400")
    turnstile = Turnstile(endless, "/apple/", patience=0.01)
    left_open = [run_wsgi_app(turnstile, EnvironBuilder(path=path).get_environ()) for _ in range(places + 1)]
    assert {status for _, status, _ in left_open} == {"200 OK"}


def failing(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    raise ZeroDivisionError


def endless(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Nobody reads it to the end, nor closes it."""
    start("200 OK", [])
    return repeat(b"on and on")


def half_heard(turnstile: Turnstile, path: str) -> str:
    environ = EnvironBuilder(path=path, method="POST", data=b"half").get_environ()
    return run_wsgi_app(turnstile, environ | {"CONTENT_LENGTH": "8"})[1]


@pytest.mark.parametrize("path", ["/join/coffee", "/api/v1/cards", "/apple/v1/log", "/office"])
def test_each_door_says_in_its_own_way_that_too_many_wait(site: Site, path: str) -> None:
    answer = site.visitor("en").client.get(path, environ_overrides={TURNED_AWAY: True})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    machine = path.startswith(("/api", "/apple"))
    assert ("Too many wait here already" if machine else "One moment, please") in answer.text
