"""How often one address may knock in vain (W30): unlike a limit on a view, a right token is never counted."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from wallet_service.domain.network import network_of
from wallet_service.push.counts import Counts


class Guard:
    """Counts with all other processes where they share a Redis; otherwise in memory, for itself."""

    def __init__(self, name: str, counts: Counts, *, most_a_minute: int) -> None:
        self._name, self._counts = name, counts
        self._most = RateLimitItemPerMinute(most_a_minute)
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    def lets_in(self, address: str | None) -> bool:
        network = network_of(address)
        if shared := self._counts.hit(self._name, network):
            return shared[0] <= self._most.amount
        return self._counted.hit(self._most, network)
