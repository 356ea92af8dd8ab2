"""How often one address may knock in vain (W30): unlike a limit on a view, a right token is never counted."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from wallet_service.domain.network import network_of


class Guard:
    """Counts in memory, each process for itself."""

    def __init__(self, *, most_a_minute: int) -> None:
        self._most = RateLimitItemPerMinute(most_a_minute)
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    def lets_in(self, address: str | None) -> bool:
        return self._counted.hit(self._most, network_of(address))
