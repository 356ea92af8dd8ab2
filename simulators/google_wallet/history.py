"""What was asked and what was answered, and how many requests fell into one second."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.google_wallet.calls import Call

KEPT = 50_000
MOST_TEXT = 20_000


@dataclass(frozen=True)
class Entry:
    at: datetime
    call: Call
    status: int
    reason: str
    scripted: bool
    in_batch: bool

    def shown(self) -> dict[str, Any]:
        """The bearer stays out; a timeout has status 0."""
        return {
            "at": self.at.isoformat(),
            "verb": self.call.verb,
            "path": self.call.path,
            "query": dict(self.call.query),
            "body": _read(self.call.body),
            "status": self.status,
            "reason": self.reason,
            "scripted": self.scripted,
            "in_batch": self.in_batch,
        }


class History:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.start_over()

    def start_over(self) -> None:
        with self._lock:
            self._entries: deque[Entry] = deque(maxlen=KEPT)
            self._moments: deque[float] = deque(maxlen=1_000_000)

    def came(self) -> int:
        """Counts one request to the API; answers how many came within the last second, this one included."""
        now = time.monotonic()
        with self._lock:
            self._moments.append(now)
            recent = 0
            for moment in reversed(self._moments):
                if moment <= now - 1:
                    break
                recent += 1
        return recent

    def write(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self, path: str = "", verb: str = "") -> list[dict[str, Any]]:
        with self._lock:
            found = list(self._entries)
        return [one.shown() for one in found if path in one.call.path and verb in ("", one.call.verb)]

    def latest(self, count: int) -> list[dict[str, Any]]:
        with self._lock:
            found = list(self._entries)[-count:]
        return [one.shown() for one in found]

    def rate(self) -> dict[str, Any]:
        """Over every window of one second, wherever it begins."""
        with self._lock:
            moments = list(self._moments)
        lasted = moments[-1] - moments[0] if moments else 0.0
        return {"requests": len(moments), "most_in_a_second": _most(moments), "seconds": round(lasted, 3)}


def _most(moments: list[float]) -> int:
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _read(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body[:MOST_TEXT].decode("utf-8", "replace")
