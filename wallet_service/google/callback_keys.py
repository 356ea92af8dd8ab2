"""Google's root keys for callbacks: kept for hours, fetched anew by one asker at a time (G32)."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from wallet_service.domain.errors import Unavailable
from wallet_service.google.callback_signature import PROTOCOL, public_key

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)
MARGIN = timedelta(hours=1)  # before the first key ends
NOT_AGAIN = timedelta(minutes=5)  # a forged letter must not cost a call each
PATIENCE = 5.0
LARGEST = 100_000


@dataclass(frozen=True)
class Root:
    key: EllipticCurvePublicKey
    expires: datetime


@dataclass(frozen=True)
class _Kept:
    roots: tuple[Root, ...]
    until: datetime


class CallbackKeys:
    """Safe for several threads; who finds a fetch under way waits for it and takes its result."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._kept: _Kept | None = None
        self._asked_at: datetime | None = None

    def roots(self, now: datetime) -> Sequence[Root]:
        """Those that have not ended. Unavailable while there are none and the address is silent."""
        with self._lock:
            if self._kept is None or self._kept.until <= now:
                self._fetch(now)
            return self._living(now)

    def newer_roots(self, seen: Sequence[Root], now: datetime) -> Sequence[Root]:
        """After none of `seen` fitted: those that came since, fetched at most once in some minutes."""
        with self._lock:
            if self._kept is not None and self._kept.roots and list(seen) == list(self._living(now)):
                self._fetch(now)
            return self._living(now)

    def _living(self, now: datetime) -> Sequence[Root]:
        roots = tuple(root for root in self._kept.roots if root.expires > now) if self._kept else ()
        if not roots:
            raise Unavailable("Google's keys for callbacks are not known at the moment.", retry_after=60)
        return roots

    def _fetch(self, now: datetime) -> None:
        """A failure leaves what is kept."""
        if self._asked_at is not None and timedelta() <= now - self._asked_at < NOT_AGAIN:
            return
        self._asked_at = now
        roots = tuple(_roots(_asked(self._url)))
        living = [root.expires for root in roots if root.expires > now]
        if living:
            self._kept = _Kept(roots, min(now + LONGEST, max(min(living) - MARGIN, now + NOT_AGAIN)))


def _asked(url: str) -> Any:
    """None when nothing readable came."""
    try:
        with requests.get(url, timeout=PATIENCE, stream=True, allow_redirects=False) as answer:
            content = next(answer.iter_content(LARGEST), b"")
            if answer.status_code == 200:
                return json.loads(content)
            log.warning("Google's keys for callbacks: %s answers %s", url, answer.status_code)
    except (requests.RequestException, OSError, ValueError, RecursionError) as error:
        log.warning("Google's keys for callbacks: %s gives %s", url, type(error).__name__)
    return None


def _roots(document: Any) -> Iterator[Root]:
    keys = document.get("keys") if isinstance(document, dict) else None
    for one in keys if isinstance(keys, list) else []:
        root = _root(one) if isinstance(one, dict) and one.get("protocolVersion") == PROTOCOL else None
        if root is not None:
            yield root


def _root(one: dict[str, Any]) -> Root | None:
    key, expires = public_key(str(one.get("keyValue"))), moment(one.get("keyExpiration"))
    return Root(key, expires) if key is not None and expires is not None else None


def moment(millis: object) -> datetime | None:
    """Milliseconds since 1970, as a number or a string of digits; None for everything else."""
    text = str(millis) if isinstance(millis, str | int) and not isinstance(millis, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        return None
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
