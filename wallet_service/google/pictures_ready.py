"""Looks whether a picture can be fetched as Google would fetch it, before Google is told of it."""

from __future__ import annotations

import logging
import threading
import time

import requests

from wallet_service.google.client import plain_session

log = logging.getLogger(__name__)

PNG = b"\x89PNG\r\n\x1a\n"
PATIENCE = 5.0
LARGEST = 2_000_000
GOOD_FOR, BAD_FOR = 3600.0, 10.0  # seconds
KEPT = 10_000


class PicturesReady:
    """One look a state and hour: a picture's address never changes what it shows."""

    def __init__(self) -> None:
        self._session: requests.Session | None = None
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bool, float]] = {}

    def ready(self, url: str) -> bool:
        with self._lock:
            known = self._known.get(url)
            if known and known[1] > time.monotonic():
                return known[0]
            good = self._fetched(url)
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[url] = good, time.monotonic() + (GOOD_FOR if good else BAD_FOR)
        return good

    def _fetched(self, url: str) -> bool:
        """Through the public address, without a redirect, and a whole PNG of a size that Google takes."""
        self._session = self._session or plain_session(url)
        try:
            with self._session.get(url, timeout=PATIENCE, allow_redirects=False, stream=True) as answer:
                start = next(answer.iter_content(LARGEST + 1), b"")
                good = answer.status_code == 200 and start.startswith(PNG) and len(start) <= LARGEST
        except (requests.RequestException, OSError) as error:
            log.warning("the picture %s cannot be fetched: %s", url, type(error).__name__)
            return False
        if not good:
            log.warning("the picture %s cannot be fetched: status %s", url, answer.status_code)
        return good
