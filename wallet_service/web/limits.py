"""How often somebody may ask: counted by network, so that a phone cannot change its address and go on."""

from __future__ import annotations

import ipaddress

from flask import request
from flask_limiter import Limiter


def network() -> str:
    """A household or a mobile phone has a /64 of its own, and one address of the older kind."""
    given = request.remote_addr or "unknown"
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given[:64]
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


limiter = Limiter(key_func=network, storage_uri="memory://")
