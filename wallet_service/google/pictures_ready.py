"""Looks whether a picture can be fetched as Google would fetch it, before Google is told of it."""

from __future__ import annotations

import logging
import threading
import time

import requests

from wallet_service.google.client import TooLong, plain_session, read_within

log = logging.getLogger(__name__)

PNG = b"\x89PNG\r\n\x1a\n"
PATIENCE = 3.0  # seconds for all of it
LARGEST = 2_000_000
GOOD_FOR, BAD_FOR = 3600.0, 5.0  # seconds
KEPT = 10_000


class PicturesReady:
    """One look a state and hour: a picture's address never changes what it shows. While nobody answers there,
    as in a restart, one look in vain speaks for all of them: no card waits for its picture behind another.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._session: requests.Session | None = None
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bool, float]] = {}
        self._away_until = 0.0

    def ready(self, url: str) -> bool:
        with self._lock:
            known, now = self._known.get(url), time.monotonic()
            if known and known[1] > now:
                return known[0]
            if self._away_until > now:
                return False
            self._session = self._session or plain_session(url)
        return self._looked(self._session, url)

    def _looked(self, session: requests.Session, url: str) -> bool:
        try:
            good = self._fetched(session, url)
        except (requests.RequestException, OSError, TooLong) as error:
            log.warning("the picture %s cannot be fetched: %s", url, type(error).__name__)
            self._away_until = time.monotonic() + BAD_FOR
            return False
        with self._lock:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[url] = good, time.monotonic() + (GOOD_FOR if good else BAD_FOR)
        return good

    def _fetched(self, session: requests.Session, url: str) -> bool:
        """Through the public address, without a redirect, and a whole PNG of a size that Google takes."""
        until = time.monotonic() + self._patience
        with session.get(url, timeout=self._patience, allow_redirects=False, stream=True) as answer:
            good = answer.status_code == 200 and read_within(answer, until, LARGEST).startswith(PNG)
        if not good:
            log.warning("the picture %s cannot be fetched: status %s", url, answer.status_code)
        return good
