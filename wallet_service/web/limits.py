"""How often somebody may ask, counted by network."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter

from wallet_service.domain.network import network_of


def network() -> str:
    return network_of(request.remote_addr)


limiter = Limiter(key_func=network, storage_uri="memory://")
UNLIMITED = ("api", "apple", "till")
"""Rooms without such limits, in which every request would be looked up for nothing."""


@limiter.request_filter
def _is_never_limited() -> bool:
    return request.blueprint in UNLIMITED
