"""One push on its way: a libcurl handle that is used again and again, because making one is dear."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import pycurl

from wallet_service.apple.waking.apns_answers import Answer, Push, read_answer

LONGEST_ANSWER = 4096
LONGEST_IDLE = 24 * 3600  # N14: rapid reconnects look like an attack

Papers = tuple[Path, Path, bytes | None] | None  # certificate, key, and what opens the key


class Headers:
    """The header lines of a batch; what is the same for a pass type is written once."""

    def __init__(self, push_type: str, priority: int, expires: datetime, token: str = "") -> None:
        self._always = ["content-type:", "accept:"]  # N3 needs neither; a bare name drops libcurl's own line
        self._always.append(f"apns-expiration: {int(expires.timestamp())}")  # N7
        self._always += [f"apns-push-type: {push_type}"] if push_type else []  # N8
        self._always += [f"apns-priority: {priority}"] if priority else []
        self._of_topic: dict[str, list[str]] = {}
        self.authorise(token)

    def authorise(self, token: str) -> None:
        """N6: with the token from now on; without one the certificate of the connection speaks."""
        self.badge = token
        self._of_topic.clear()

    def of(self, push: Push) -> list[str]:
        same = self._of_topic.get(push.topic)
        if same is None:
            same = self._of_topic[push.topic] = [*self._always, f"apns-topic: {_one_line(push.topic)}"]  # N4
            same += [f"authorization: bearer {self.badge}"] if self.badge else []
        return [*same, "apns-id: " + push.id]  # N9


def _one_line(topic: str) -> str:
    if not topic.isascii() or not topic.isprintable():
        raise ValueError(f"{topic!r} cannot be a topic: it would leave its header.")
    return topic


class Stream:
    """The handle, the push it carries, and when that push set out."""

    __slots__ = ("_body", "_url", "badge", "curl", "push", "second_try", "started_at")

    push: Push
    second_try: bool
    started_at: float
    badge: str

    def __init__(self, url: str, papers: Papers, ca_file: Path | None, timeout: float) -> None:
        self._url = url
        self._body = b""
        self.curl = pycurl.Curl()
        for option, value in (*_options(ca_file, timeout), *_shown(papers)):
            self.curl.setopt(option, value)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._write)

    def load(self, push: Push, headers: Headers, started_at: float) -> None:
        self.push = push
        self.second_try = False
        self.started_at = started_at
        self.badge = headers.badge
        self._body = b""
        self.curl.setopt(pycurl.URL, self._url + _in_path(push.token))
        self.curl.setopt(pycurl.HTTPHEADER, headers.of(push))

    def load_again(self, headers: Headers) -> None:
        self.second_try = True
        if self.badge != headers.badge:
            self.badge = headers.badge
            self.curl.setopt(pycurl.HTTPHEADER, headers.of(self.push))
        self.started_at = monotonic()
        self._body = b""

    def _write(self, data: bytes) -> int:
        """Called for refusals only: a 200 has no body. Taking less than offered ends the transfer."""
        if len(self._body) + len(data) > LONGEST_ANSWER:
            return -1
        self._body += data
        return len(data)

    def answer(self) -> Answer:
        return read_answer(self.push, self.curl.getinfo(pycurl.RESPONSE_CODE), self._body)


def _options(ca_file: Path | None, timeout: float) -> list[tuple[int, object]]:
    return [
        (pycurl.POSTFIELDS, "{}"),  # N3
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE),  # N1: nothing less will do
        (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
        (pycurl.PROTOCOLS, pycurl.PROTO_HTTPS),
        (pycurl.PIPEWAIT, 1),  # N14: rather wait for a stream than open a second connection
        *([(pycurl.CAINFO, str(ca_file))] if ca_file else []),
        (pycurl.TIMEOUT_MS, int(timeout * 1000)),
        (pycurl.MAXAGE_CONN, LONGEST_IDLE),
        (pycurl.TCP_KEEPALIVE, 1),
        (pycurl.NOSIGNAL, 1),
        (pycurl.PROXY, ""),
    ]


def _shown(papers: Papers) -> list[tuple[int, object]]:
    """N5; who pushes by token shows no certificate (N6)."""
    if papers is None:
        return []
    certificate, key, passphrase = papers
    shown: list[tuple[int, object]] = [(pycurl.SSLCERT, str(certificate)), (pycurl.SSLKEY, str(key))]
    return [*shown, (pycurl.KEYPASSWD, passphrase)] if passphrase else shown


def _in_path(token: str) -> str:
    """N2: as registered, and whatever it holds stays one step of the path."""
    plain = token.encode(errors="replace").isalnum()  # of bytes: only ASCII counts, at a fifth of the price
    return token if plain else quote(token, safe="", errors="replace")
