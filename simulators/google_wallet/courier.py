"""Carries callbacks to the issuer's address, and remembers what was answered."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import requests

from simulators.google_wallet.fetching import Reach, plain_session

TIMEOUT = (3, 15)


@dataclass(frozen=True)
class Delivery:
    """`status` is 0 when nobody answered."""

    at: datetime
    url: str
    what: str
    body: bytes
    status: int
    answer: str

    def shown(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "url": self.url,
            "what": self.what,
            "body": self.body[:20_000].decode("utf-8", "replace"),
            "status": self.status,
            "answer": self.answer,
        }


class Courier:
    def __init__(self, reach: Reach, clock: Callable[[], datetime], changed: Callable[[], None]) -> None:
        self._reach, self._clock, self._changed = reach, clock, changed
        self._local = threading.local()
        self._crew = ThreadPoolExecutor(10, "courier")
        self.start_over()

    def start_over(self) -> None:
        self._log: deque[Delivery] = deque(maxlen=2000)
        self._robots: dict[str, RobotFileParser] = {}

    def later(self, url: str, what: str, body: bytes) -> Future[Delivery]:
        return self._crew.submit(self._deliver, self._log, url, what, body)

    def together(self, url: str, what: str, body: bytes, times: int) -> list[Delivery]:
        """The same letter several times at the same moment."""
        return [sent.result() for sent in [self.later(url, what, body) for _ in range(times)]]

    def _deliver(self, log: deque[Delivery], url: str, what: str, body: bytes) -> Delivery:
        """Noted in the log of when it was sent: what comes late is forgotten with what was before."""
        status, answer = self._post(url, body)
        done = Delivery(self._clock(), url, what, body, status, answer)
        log.append(done)
        self._changed()
        return done

    def _post(self, url: str, body: bytes) -> tuple[int, str]:
        address = self._reach.to(url)
        if not address:
            return 0, "host is not reachable"
        if not self._welcome(address):
            return 0, "robots.txt does not let Googlebot in"
        headers = {"Content-Type": "application/json"}
        try:
            answer = self._session().post(
                address, body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            return 0, type(error).__name__
        return answer.status_code, answer.text[:2000]

    def _welcome(self, address: str) -> bool:
        """G28: Google asks first; a host without robots.txt has nothing against it."""
        host, known = urljoin(address, "/robots.txt"), self._robots
        if host not in known:
            known[host] = self._read_robots(host)
        return known[host].can_fetch("Googlebot", address)

    def _read_robots(self, address: str) -> RobotFileParser:
        robots = RobotFileParser(address)
        try:
            answer = self._session().get(address, timeout=TIMEOUT, allow_redirects=False)
            robots.parse(answer.text.splitlines() if answer.status_code == 200 else [])
        except requests.RequestException:
            robots.parse([])
        return robots

    def _session(self) -> requests.Session:
        """One for each thread: a session is not made to be shared."""
        if not hasattr(self._local, "session"):
            self._local.session = plain_session(self._reach)
        session: requests.Session = self._local.session
        return session

    def log(self) -> list[Delivery]:
        return list(self._log)

    def last(self) -> Delivery | None:
        """The last letter that was genuine."""
        return next((one for one in reversed(self.log()) if one.what in ("save", "del")), None)

    def stop(self) -> None:
        self._crew.shutdown(wait=False, cancel_futures=True)
