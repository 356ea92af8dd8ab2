"""Nobody makes us call what is inside, neither by how an address is written nor by what a name leads to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from simulators.apns.papers import Authority
from tests.push.hearing import Hearing, keeper
from wallet_service.actions import webhooks
from wallet_service.actions.webhooks import Keeper
from wallet_service.push.webhooks.address import BadAddress, checked, may_reach
from wallet_service.push.webhooks.caller import NO_TRUST, NOT_ALLOWED, Caller

TO_US = """
    https://127.0.0.1:PORT/ https://127.0.0.1.:PORT/ https://127.1:PORT/ https://127.0.1:PORT/ https://127.8.9.10:PORT/
    https://2130706433:PORT/ https://0x7f000001:PORT/ https://0x7f.1:PORT/ https://0x7f.0.0.1:PORT/
    https://0177.0.0.1:PORT/ https://017700000001:PORT/ https://0177.1:PORT/ https://0:PORT/ https://0.0.0.0:PORT/
    https://00.0x0.0.0:PORT/ https://127.0.0.1%2e:PORT/ https://%31%32%37.0.0.1:PORT/
    https://localhost:PORT/ https://LOCALHOST:PORT/ https://localhost.:PORT/ https://hooks.localhost:PORT/
    https://[::1]:PORT/ https://[0:0:0:0:0:0:0:1]:PORT/ https://[::]:PORT/ https://[::ffff:127.0.0.1]:PORT/
    https://[::ffff:7f00:1]:PORT/ https://[::127.0.0.1]:PORT/ https://[64:ff9b::127.0.0.1]:PORT/
    https://[2002:7f00:1::]:PORT/ https://[2001:0:7f00:1::]:PORT/ https://[::ffff:0:127.0.0.1]:PORT/
    http://127.0.0.1:PORT/ http://localhost:PORT/ ftp://127.0.0.1:PORT/ gopher://127.0.0.1:PORT/_x
    file:///etc/passwd dict://127.0.0.1:PORT/ ws://127.0.0.1:PORT/ //127.0.0.1:PORT/ 127.0.0.1:PORT
    https://hooks.example.com@127.0.0.1:PORT/ https://127.0.0.1:PORT@127.0.0.1:PORT/
    https://127.0.0.1:PORT#@hooks.example.com/ https://127.0.0.1:PORT\\@hooks.example.com/
"""
TO_OTHERS = """
    https://10.0.0.1/ https://172.16.0.1/ https://192.168.1.1/ https://169.254.169.254/latest/meta-data/
    https://100.64.0.1/ https://192.0.2.1/ https://198.18.0.1/ https://224.0.0.1/ https://255.255.255.255/
    https://240.0.0.1/ https://[fe80::1]/ https://[fc00::1]/ https://[fd00:ec2::254]/ https://[ff02::1]/
    https://[::ffff:169.254.169.254]/ https://[::ffff:10.0.0.1]/ https://[64:ff9b::a9fe:a9fe]/ https://2852039166/
"""
HERE, INSIDE = TO_US.split(), TO_OTHERS.split()
NAMES = ("127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0", "fd00::1")
"""What a name of somebody else's may lead to, at the moment of the call."""


@dataclass
class Listener:
    """Counts who knocks, by either protocol."""

    port: int = 0
    knocked: list[str] = field(default_factory=list)

    def hear(self, door: socket.socket) -> None:
        while True:
            try:
                line, who = door.accept()
            except OSError:
                return
            self.knocked.append(str(who))
            line.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    door = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    heard = Listener(door.getsockname()[1])
    thread = threading.Thread(target=heard.hear, args=(door,))
    thread.start()
    yield heard
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join()


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("papers"))


def test_S15_sixty_hostile_addresses_reach_nobody(listener: Listener) -> None:
    hostile = [url.replace("PORT", str(listener.port)) for url in (*HERE, *INSIDE)]
    assert len(hostile) >= 60
    leads_here = [f"hooks.example.com:{port}:127.0.0.1" for port in (443, listener.port)]
    caller = Caller(sandbox=False, resolve=leads_here)
    answers = [caller.call(url, {}, "{}") for url in hostile]
    assert [url for url, answer in zip(hostile, answers, strict=True) if answer.status is not None] == []
    assert listener.knocked == []


@pytest.mark.parametrize("url", [*HERE, *INSIDE])
def test_S15_a_hostile_address_is_not_even_kept(url: str) -> None:
    with pytest.raises(BadAddress):
        checked(url.replace("PORT", "443"), sandbox=False)


@pytest.mark.parametrize("leads_to", NAMES)
def test_S15_a_name_that_leads_inside_is_not_called(listener: Listener, leads_to: str) -> None:
    name, port = "hooks.example.com", listener.port
    caller = Caller(sandbox=False, resolve=[f"{name}:{port}:{leads_to}"])
    assert caller.call(f"https://{name}:{port}/", {}, "{}").said == NOT_ALLOWED
    assert listener.knocked == []


def test_S15_of_two_answers_of_a_name_server_each_is_looked_at(listener: Listener) -> None:
    """One that changes its mind between two questions gains nothing: there is one question a call."""
    name, port = "hooks.example.com", listener.port
    caller = Caller(sandbox=False, resolve=[f"{name}:{port}:192.0.2.1,127.0.0.1,[::1]"])
    assert caller.call(f"https://{name}:{port}/", {}, "{}").status is None
    assert listener.knocked == []


def test_S15_no_redirect_is_followed(hearing: Hearing, listener: Listener, name: str) -> None:
    hearing.listen(name)
    hearing.receiver.turn(name, status=307, location=f"http://127.0.0.1:{listener.port}/")
    hearing.shop.join()
    hearing.drain.run_until_idle()
    assert hearing.deliveries()[0].last_status == 307
    assert listener.knocked == []


def test_S15_no_proxy_of_the_environment_is_asked(
    hearing: Hearing, listener: Listener, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{listener.port}")
    hearing.listen(name)
    hearing.shop.join()
    hearing.drain.run_until_idle()
    assert hearing.receiver.heard(name) == ["card.joined"]
    assert listener.knocked == []


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "192.168.0.1", "fe80::1%eth0", "", "x"])
def test_S15_the_sandbox_reaches_this_machine_and_nothing_else_inside(address: str) -> None:
    assert may_reach("127.0.0.1", sandbox=True)
    assert may_reach("::1", sandbox=True)
    assert not may_reach(address, sandbox=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_may_be_reached(address: str) -> None:
    assert may_reach(address, sandbox=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/cards?shop=3",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/x",
        "https://xn--80ak6aa92e.example.com:443/",
    ],
)
def test_a_plain_public_address_is_kept_as_it_is(url: str) -> None:
    assert checked(url, sandbox=False) == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example.com/", "begins with https://"),
        ("https://hooks.example.com:8443/", "port 443"),
        ("https://hooks.example.com:99999/", "This is no address"),
        ("https://me:secret@hooks.example.com/", "Leave names, passwords and fragments out"),
        ("https://hooks.example.com/#x", "Leave names, passwords and fragments out"),
        ("https://hooks", "public host name"),
        ("https://hooks.internal/", "public host name"),
        ("https://hooks.example.com/" + "x" * 500, "at most 500 plain characters"),
        ("https://hooks.example.com/\r\nHost: x", "plain characters and no spaces"),
        ("https://хуки.example.com/", "plain characters"),
        ("", "begins with https://"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(url: str, said: str) -> None:
    with pytest.raises(BadAddress, match=said):
        checked(url, sandbox=False)


def test_in_production_loopback_is_refused_when_it_is_added(hearing: Hearing, name: str) -> None:
    real = Keeper("staff:2", ("k" * 40,), sandbox=False, entropy=keeper(hearing.shop).entropy)
    with hearing.shop.services.sessions.begin() as session, pytest.raises(BadAddress):
        webhooks.add_webhook(
            session, real, name=name, url=hearing.receiver.url(name), events=(), now=hearing.shop.clock()
        )


def test_a_certificate_of_a_stranger_is_not_trusted(papers: Authority) -> None:
    """And one that is trusted counts for its own name only, though the address is the right one."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(papers.server.certificate, papers.server.key)
    with _answering(b"HTTP/1.1 204 Fine\r\nDate: today\r\n\r\n", server) as port:
        url = f"https://localhost:{port}/"
        assert Caller(sandbox=True).call(url, {}, "{}").said == NO_TRUST
        heard: list[tuple[str, str | None]] = []
        known = Caller(sandbox=True, heard=lambda *said: heard.append(said), ca_file=papers.file)
        assert known.call(url, {}, "{}").status == 204
        assert heard == [(url, "today")]
        other = Caller(sandbox=True, ca_file=papers.file, resolve=[f"hooks.example.com:{port}:127.0.0.1"])
        assert other.call(f"https://hooks.example.com:{port}/", {}, "{}").said == NO_TRUST


def test_an_answer_without_end_is_cut() -> None:
    with _answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4_000_000) as port:
        assert Caller(sandbox=True).call(f"http://127.0.0.1:{port}/", {}, "{}").status == 200


@contextmanager
def _answering(answer: bytes, papers: ssl.SSLContext | None = None) -> Iterator[int]:
    """Says the same to everybody, whatever they ask."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_answer_all, args=(door, answer, papers))
        thread.start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)
    thread.join()


def _answer_all(door: socket.socket, answer: bytes, papers: ssl.SSLContext | None) -> None:
    while True:
        try:
            plain, _ = door.accept()
        except OSError:
            return
        with (
            suppress(OSError),
            plain,
            papers.wrap_socket(plain, server_side=True) if papers else plain as line,
        ):
            line.recv(65_536)
            line.sendall(answer)
