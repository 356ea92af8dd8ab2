"""How often one address may knock in vain."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from wallet_service.actions.services import Clock

ONE_HOME = 64  # a household has a whole IPv6 network


class Guard:
    """Counts anew in each window; small, in memory, one per process."""

    def __init__(self, *, most: int, every: timedelta, clock: Clock) -> None:
        self._most, self._every, self._clock = most, every, clock
        self._counted: Counter[str] = Counter()
        self._ends = clock()
        self._lock = Lock()

    def lets_in(self, address: str | None) -> bool:
        with self._lock:
            now = self._clock()
            if not self._ends - self._every <= now < self._ends:
                self._counted.clear()
                self._ends = now + self._every
            home = _home(address or "")
            self._counted[home] += 1
            return self._counted[home] <= self._most


def _home(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, IPv6Address):
        return str(ip_network((known, ONE_HOME), strict=False))
    return address
