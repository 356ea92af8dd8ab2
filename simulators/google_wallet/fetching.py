"""Google's image fetcher: what cannot be loaded, or is no picture, keeps the whole object out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests

from simulators.google_wallet.errors import image_not_loaded

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SIGNATURE, END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
BIGGEST = 1_000_000  # Google names no limit; others report one megabyte
AGENT = "Mozilla/5.0 (compatible; Google-Valuables; simulated)"


@dataclass(frozen=True)
class Reach:
    """Which machines may be asked, and how addresses of the outside lead to them."""

    hosts: frozenset[str] = frozenset()
    rewrites: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None

    def to(self, url: str) -> str | None:
        """The address to ask, or None for a machine that is none of ours."""
        for start, other in self.rewrites.items():
            if url.startswith(start):
                return other + url.removeprefix(start)
        try:
            return url if urlsplit(url).hostname in LOOPBACK | self.hosts else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Picture:
    data: bytes
    width: int
    height: int


class Fetcher:
    """Keeps what it has loaded, as Google does: one address is asked once."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._lock = threading.Lock()
        self._session = plain_session(reach)
        self.start_over()

    def start_over(self) -> None:
        self._kept: dict[str, Picture] = {}

    def load(self, url: str) -> Picture:
        kept = self._kept.get(url)
        if kept:
            return kept
        with self._lock:
            picture = self._kept.get(url) or _picture(url, self._ask(url))
            self._kept[url] = picture
        return picture

    def kept(self, url: str) -> Picture | None:
        return self._kept.get(url)

    def _ask(self, url: str) -> bytes:
        address = self._reach.to(url)
        if not address:
            raise image_not_loaded(url, "host is not reachable")
        try:
            with self._session.get(address, timeout=(3, 10), allow_redirects=False, stream=True) as answer:
                if answer.status_code != 200:
                    raise image_not_loaded(url, f"HTTP status {answer.status_code}")
                return _body(url, answer)
        except requests.RequestException as error:
            raise image_not_loaded(url, type(error).__name__) from None


def plain_session(reach: Reach) -> requests.Session:
    """No proxy, no cookies, no settings of the machine."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": AGENT})
    session.verify = reach.ca_file or True
    return session


def addresses(body: Any) -> list[str]:
    """Every picture that a payload names."""
    if isinstance(body, list):
        return [url for one in body for url in addresses(one)]
    if not isinstance(body, dict):
        return []
    source = body.get("sourceUri")
    here = [source["uri"]] if isinstance(source, dict) and "uri" in source else []
    return here + [url for one in body.values() for url in addresses(one)]


def _body(url: str, answer: requests.Response) -> bytes:
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind != "image/png":
        raise image_not_loaded(url, f"Content-Type is {kind or 'missing'}")
    body = b""
    for piece in answer.iter_content(65536):
        body += piece
        if len(body) > BIGGEST:
            raise image_not_loaded(url, f"larger than {BIGGEST} bytes")
    return body


def _picture(url: str, data: bytes) -> Picture:
    if not data.startswith(SIGNATURE) or data[12:16] != b"IHDR" or not data.endswith(END):
        raise image_not_loaded(url, "not a whole PNG")
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    return Picture(data, width, height)
