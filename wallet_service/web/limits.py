"""How often somebody may ask, counted by network."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter

from wallet_service.domain.network import network_of


def network() -> str:
    return network_of(request.remote_addr)


limiter = Limiter(key_func=network, storage_uri="memory://")
