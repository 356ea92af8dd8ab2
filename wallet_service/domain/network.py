"""Whose address it is, as far as an address tells."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

ONE_HOUSEHOLD = 64  # bits: so much of an IPv6 address is one household's or one mobile phone's


def network_of(address: str | None) -> str:
    """What limits are counted by, so that a phone cannot change its address and go on."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address):
        return str(ip_network((known, ONE_HOUSEHOLD), strict=False))
    return str(known)
