"""How often somebody may ask, counted by network: of all processes together where they share a Redis."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from wallet_service.domain.network import network_of


def network() -> str:
    return network_of(request.remote_addr)


limiter = Limiter(key_func=network)
PATIENCE = 0.25  # seconds that a page waits for Redis; without it each process counts for itself
UNLIMITED = ("api", "apple", "till")
"""Rooms without such limits, in which every request would be looked up for nothing."""


@limiter.request_filter
def _is_never_limited() -> bool:
    return request.blueprint in UNLIMITED


def count_requests(app: Flask, queue_url: str) -> None:
    shared = not queue_url.startswith("sqlite")
    app.config["RATELIMIT_STORAGE_URI"] = _storage(queue_url) if shared else "memory://"
    if shared:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
        }
        app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)


def _storage(queue_url: str) -> str:
    """As the library of the limits writes a socket's address."""
    return queue_url.replace("unix://", "redis+unix://", 1)
