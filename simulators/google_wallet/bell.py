"""What a phone shows on its lock screen, and the allowance of three a day for each pass (G27)."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

ALLOWED, WINDOW = 3, timedelta(hours=24)


@dataclass(frozen=True)
class Push:
    """`why` says why nothing was shown; empty when the phone rang."""

    at: datetime
    object: str
    kind: str
    header: str
    body: str
    why: str = ""

    def shown(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class Bell:
    """Messages and field updates share one allowance: whether Google counts them apart nobody has written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.start_over()

    def start_over(self) -> None:
        with self._lock:
            self._used: dict[str, list[datetime]] = {}
            self._pushes: list[Push] = []

    def may_ring(self, resource: str, now: datetime) -> bool:
        """Takes one from the allowance of a class or an object, if there is one left."""
        with self._lock:
            recent = [at for at in self._used.get(resource, []) if at > now - WINDOW]
            if len(recent) >= ALLOWED:
                return False
            self._used[resource] = [*recent, now]
        return True

    def note(self, push: Push) -> None:
        with self._lock:
            self._pushes.append(push)

    def pushes(self) -> list[Push]:
        with self._lock:
            return list(self._pushes)
