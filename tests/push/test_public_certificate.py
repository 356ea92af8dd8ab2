"""The https certificate of the public address is watched, because phones say nothing when it ends."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from socket import create_server

import pytest

from simulators.apns.papers import Authority
from tests.services.ports import LOOPBACK
from wallet_service.push.public_certificate import NotTrusted, ends_at, trouble

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOP = "https://cards.example.com"


@contextmanager
def door(papers: Authority) -> Iterator[int]:
    """Somebody who speaks TLS, once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.server.certificate, papers.server.key)
    with create_server((LOOPBACK, 0)) as listening:
        greeting = threading.Thread(target=_greet, args=(listening, context))
        greeting.start()
        yield listening.getsockname()[1]
        greeting.join()


def _greet(listening: object, context: ssl.SSLContext) -> None:
    line = listening.accept()[0]  # type: ignore[attr-defined]
    try:
        with context.wrap_socket(line, server_side=True) as tls:
            tls.recv(1)
    except OSError:
        line.close()


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("papers"))


def test_the_end_is_read_off_the_certificate_that_is_shown(papers: Authority) -> None:
    with door(papers) as port:
        end = ends_at(f"https://localhost:{port}", str(papers.file))
    assert end is not None
    assert end > datetime.now(UTC)


def test_one_that_phones_do_not_trust_is_told(papers: Authority) -> None:
    with door(papers) as port, pytest.raises(NotTrusted):
        ends_at(f"https://localhost:{port}")


def test_where_nobody_answers_nobody_can_tell(free_port: int) -> None:
    assert trouble(f"https://localhost:{free_port}", NOW) is None


@pytest.mark.parametrize(("days", "said"), [(40, ""), (15, ""), (14, "14 days"), (5, "7 days"), (0, "1 day")])
def test_it_is_told_at_14_7_3_and_1_days(days: int, said: str) -> None:
    told = trouble(SHOP, NOW, lambda _url: NOW + timedelta(days=days, hours=1))
    assert told == (
        f"{said} or less: the https certificate of cards.example.com ends on "
        f"{NOW + timedelta(days=days, hours=1):%Y-%m-%d %H:%M} UTC."
        if said
        else ""
    )
