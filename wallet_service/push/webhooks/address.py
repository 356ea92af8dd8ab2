"""Which addresses we call: public ones by https; in the sandbox also this machine (S15)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from wallet_service.domain.errors import Invalid

LONGEST_URL = 500
HTTPS = 443
NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".test", ".invalid")
CARRIES_V4 = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))
"""Addresses behind which stands another one: of NAT64, 6to4 and Teredo."""


class BadAddress(Invalid):
    slug, title = "bad-address", "This address cannot be called"


def checked(url: str, *, sandbox: bool) -> str:
    """As it is kept. What a name leads to is looked at with every call, by `may_reach`."""
    parts = _split(url)
    if sandbox and parts.scheme in ("http", "https") and _here(parts.hostname or ""):
        return url
    if parts.scheme != "https":
        raise BadAddress("The address of a webhook begins with https://.")
    if _port(parts) != HTTPS:
        raise BadAddress(f"A webhook is called at port {HTTPS}. Leave the port out of the address.")
    if not _public(parts.hostname or ""):
        raise BadAddress("A webhook is called at a public host name, such as hooks.example.com.")
    return url


def may_reach(address: str, *, sandbox: bool) -> bool:
    """Of the address at the other end of a connection, just before it is made."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public(found) or (sandbox and found.is_loopback)


def _split(url: str) -> SplitResult:
    plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    if not plain or len(url) > LONGEST_URL:
        raise BadAddress(f"An address has at most {LONGEST_URL} plain characters and no spaces.")
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        raise BadAddress("This is no address. Write it as https://hooks.example.com/cards.") from None
    if "@" in parts.netloc or parts.fragment:
        raise BadAddress("Leave names, passwords and fragments out of the address: signatures prove us.")
    return parts


def _port(parts: SplitResult) -> int:
    return HTTPS if parts.port is None else parts.port


def _here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def _public(host: str) -> bool:
    """A name of the public tree, or a public address in its one proper form, which 0x7f.1 is not."""
    try:
        return _is_public(ip_address(host))
    except ValueError:
        return NAME.fullmatch(host) is not None and not host.endswith(INSIDE)


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    hides = isinstance(found, IPv6Address) and any(found in network for network in CARRIES_V4)
    return found.is_global and not (found.is_multicast or found.is_reserved or hides)
