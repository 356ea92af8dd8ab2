"""The phone's HTTP: five requests of the pass web service, no cookies, no redirects, no cache."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import requests

TIMEOUT = (5, 15)
BIGGEST = 20_000_000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
AGENT = "passd/1.0 CFNetwork/3860.100 Darwin/27.0.0 (simulated)"


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when nothing did, with the reason in `error`."""

    status: int
    body: bytes = b""
    last_modified: str | None = None
    content_type: str | None = None
    error: str = ""

    def json(self) -> Any:
        """The decoded body, or None where it is not JSON."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None


class NotAllowed(Exception):
    """The phone does not fetch from this address."""


@dataclass(frozen=True)
class Network:
    """How addresses are reached: rewritten prefixes, hosts from which cards may be downloaded, a CA."""

    rewrites: Mapping[str, str]
    hosts: frozenset[str] = frozenset()
    ca_file: str | None = None

    def reach(self, url: str) -> str:
        for start, other in self.rewrites.items():
            if url.startswith(start):
                return other + url.removeprefix(start)
        return url

    def may_download(self, url: str) -> bool:
        try:
            parts = urlsplit(self.reach(url))
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and (parts.hostname or "") in LOOPBACK | self.hosts


class ServiceClient:
    """Speaks for one phone."""

    def __init__(self, network: Network, session: requests.Session | None = None) -> None:
        self._network = network
        self._session = session or _bare_session(network)
        self.slow_ms = 0

    def register(
        self, service: str, device: str, key: tuple[str, str], token: str, push_token: str
    ) -> Answer:
        path = f"/v1/devices/{_part(device)}/registrations/{_part(key[0])}/{_part(key[1])}"
        return self._ask("POST", service + path, token=token, body={"pushToken": push_token})

    def unregister(self, service: str, device: str, key: tuple[str, str], token: str) -> Answer:
        path = f"/v1/devices/{_part(device)}/registrations/{_part(key[0])}/{_part(key[1])}"
        return self._ask("DELETE", service + path, token=token)

    def changed_since(self, service: str, device: str, pass_type: str, tag: str | None) -> Answer:
        """No Authorization here: the phone sends none (W11)."""
        since = f"?passesUpdatedSince={quote(tag, safe='')}" if tag is not None else ""
        return self._ask(
            "GET", f"{service}/v1/devices/{_part(device)}/registrations/{_part(pass_type)}{since}"
        )

    def fetch(self, service: str, key: tuple[str, str], token: str, since: str | None) -> Answer:
        """`since` is the server's own string, sent back letter by letter (M2)."""
        headers = {"If-Modified-Since": since} if since else {}
        url = f"{service}/v1/passes/{_part(key[0])}/{_part(key[1])}"
        return self._ask("GET", url, token=token, headers=headers)

    def log(self, service: str, lines: list[str]) -> Answer:
        return self._ask("POST", f"{service}/v1/log", body={"logs": lines})

    def download(self, url: str) -> Answer:
        """A card offered by link; only from hosts the phone was told to trust."""
        if not self._network.may_download(url):
            raise NotAllowed(f"The phone downloads cards only from hosts it was allowed, not from {url}.")
        return self._ask("GET", url)

    def _ask(
        self,
        verb: str,
        url: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        time.sleep(self.slow_ms / 1000)
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"ApplePass {token}"
        try:
            with self._session.request(
                verb,
                self._network.reach(url),
                json=body,
                headers=sent,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _read(answer)
        except (requests.RequestException, ValueError) as error:
            return Answer(0, error=f"Connection error: {type(error).__name__}")


def _bare_session(network: Network) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": AGENT, "Accept": "*/*"})
    if network.ca_file:
        session.verify = network.ca_file
    return session


def _part(text: str) -> str:
    return quote(text, safe="")


def _read(answer: requests.Response) -> Answer:
    body = b""
    for piece in answer.iter_content(65536):
        body += piece
        if len(body) > BIGGEST:
            return Answer(0, error="Connection error: the answer is far too big")
    return Answer(
        answer.status_code, body, answer.headers.get("Last-Modified"), answer.headers.get("Content-Type")
    )
