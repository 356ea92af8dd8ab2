"""One call to an address that somebody typed: nowhere but outside, and never for long (S15)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pycurl

from wallet_service.domain.plain import one_line
from wallet_service.push.webhooks.address import may_reach

PATIENCE_MS, CONNECT_MS = 10_000, 5_000
LARGEST = 2_000_000
EXCERPT = 200
AGENT = "wallet-service-webhooks/1"
READ = ("date", "retry-after")

NOT_ALLOWED = "The name leads to an address that is not public. Nothing was sent."
NO_SUCH_HOST = "The host name is not known."
NOBODY = "Nobody answers at this address."
TOO_SLOW = "It did not answer within 10 seconds."
NO_TRUST = "Its certificate is not trusted, or is for another name."
BROKE_OFF = "The connection broke off."
REDIRECTS = "It answered with another address, which is not followed."

_SENTENCES = {
    pycurl.E_COULDNT_RESOLVE_HOST: NO_SUCH_HOST,
    pycurl.E_COULDNT_CONNECT: NOBODY,
    pycurl.E_OPERATION_TIMEDOUT: TOO_SLOW,
    pycurl.E_PEER_FAILED_VERIFICATION: NO_TRUST,
    pycurl.E_SSL_CONNECT_ERROR: NO_TRUST,
    pycurl.E_URL_MALFORMAT: NO_SUCH_HOST,
}


@dataclass(frozen=True)
class Answer:
    """`status` is None when there was none; `said` is a sentence of ours, or a few characters of theirs.
    `retry_after` and `date` are those headers of theirs.
    """

    status: int | None
    said: str = ""
    retry_after: str = ""
    date: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def unwanted(self) -> bool:
        return self.status == 410


@dataclass
class Caller:
    """Safe for several threads. The name is resolved once a call, and each address behind it is looked at
    when the connection to it is made: no answer of a name server gets in between.

    `heard` is told of each answer's Date. `resolve` holds answers of a name server of one's own
    ("host:port:address"), `ca_file` other roots.
    """

    sandbox: bool
    heard: Callable[[str, str | None], None] = lambda _url, _date: None
    ca_file: Path | None = None
    resolve: Sequence[str] = ()

    def call(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        line = _Line(self.sandbox)
        curl = pycurl.Curl()
        try:
            self._prepare(curl, line, url, headers, body.encode())
            curl.perform()
        except pycurl.error as failed:
            return _failed(failed.args[0], line)
        finally:
            curl.close()
            line.close()
            self.heard(url, line.said.get("date"))
        return _answered(line)

    def _prepare(
        self, curl: pycurl.Curl, line: _Line, url: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        said = [f"{name}: {value}" for name, value in headers.items()]
        for option, value in (
            (pycurl.URL, url),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTPS | (pycurl.PROTO_HTTP if self.sandbox else 0)),
            (pycurl.OPENSOCKETFUNCTION, line.open),
            (pycurl.PROXY, ""),  # whatever the environment says
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.NOSIGNAL, 1),
            (pycurl.CONNECTTIMEOUT_MS, CONNECT_MS),
            (pycurl.TIMEOUT_MS, PATIENCE_MS),
            (pycurl.POST, 1),
            (pycurl.POSTFIELDS, body),
            (pycurl.USERAGENT, AGENT),
            (pycurl.HTTPHEADER, [*said, "Content-Type: application/json", "Expect:"]),
            (pycurl.HEADERFUNCTION, line.head),
            (pycurl.WRITEFUNCTION, line.read),
        ):
            curl.setopt(option, value)
        if self.resolve:
            curl.setopt(pycurl.RESOLVE, list(self.resolve))
        if self.ca_file is not None:
            curl.setopt(pycurl.CAINFO, str(self.ca_file))


@dataclass
class _Line:
    """What one call sees of the other side."""

    sandbox: bool
    turned_away: bool = False
    cut: bool = False
    status: int | None = None
    heard: int = 0
    began: bytes = b""
    said: dict[str, str] = field(default_factory=dict)
    sockets: list[socket.socket] = field(default_factory=list)

    def open(self, _purpose: int, address: tuple[int, int, int, tuple[object, ...]]) -> socket.socket | int:
        family, kind, protocol, where = address
        if not may_reach(str(where[0]), sandbox=self.sandbox):
            self.turned_away = True
            return int(pycurl.SOCKET_BAD)
        self.sockets.append(socket.socket(family, kind, protocol))
        return self.sockets[-1]

    def head(self, header: bytes) -> None:
        if header.startswith(b"HTTP/"):
            self.said.clear()  # of an answer before this one, such as 100
            word = header.split(b" ", 2)[1:2]
            self.status = int(word[0]) if word and word[0].isdigit() else None
        name, _, value = header.decode("latin-1").partition(":")
        if name.lower() in READ:
            self.said[name.lower()] = value.strip()

    def read(self, part: bytes) -> int:
        self.heard += len(part)
        self.began += part[: EXCERPT * 4 - len(self.began)]
        self.cut = self.heard > LARGEST
        return 0 if self.cut else len(part)  # 0 ends the call

    def close(self) -> None:
        """Ours are duplicates of libcurl's."""
        for one in self.sockets:
            one.close()


def _answered(line: _Line) -> Answer:
    if line.status is not None and 300 <= line.status < 400:
        return Answer(line.status, REDIRECTS)
    said = "" if line.status is not None and line.status < 300 else line.began.decode("utf-8", "replace")
    asks, date = line.said.get("retry-after", ""), line.said.get("date", "")
    return Answer(line.status, one_line(said, EXCERPT), asks, date)


def _failed(code: int, line: _Line) -> Answer:
    if line.cut:  # all that matters was said before
        return _answered(line)
    return Answer(
        None, NOT_ALLOWED if line.turned_away and not line.sockets else _SENTENCES.get(code, BROKE_OFF)
    )
