"""The https certificate that phones meet at the public address: until when they take it, or why not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from wallet_service.domain.detail import Detail

PATIENCE = 5.0
SOON = (1, 3, 7, 14)  # days; what renews itself does so a month before


class NotTrusted(Exception):
    """Says why, as the TLS library has it."""


def ends_at(url: str, ca_file: str | None = None) -> datetime | None:
    """None when nobody answers, which says nothing of how it looks from outside."""
    place, context = urlsplit(url), ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
    host = place.hostname or ""
    try:
        with (
            socket.create_connection((host, place.port or 443), PATIENCE) as line,
            context.wrap_socket(line, server_hostname=host) as tls,
        ):
            return _end(tls.getpeercert())
    except ssl.SSLCertVerificationError as error:
        raise NotTrusted(error.verify_message) from error
    except OSError:
        return None


def trouble(url: str, now: datetime, ends: Callable[[str], datetime | None] = ends_at) -> str | None:
    """What is to be told; empty when all is well, None when nobody can tell."""
    host = urlsplit(url).hostname or ""
    try:
        end = ends(url)
    except NotTrusted as error:
        said = f"Phones do not take the https certificate of {host}: {error}. They fetch no cards."
        return Detail(said, "public/refused", host=host, why=str(error))
    if end is None:
        return None
    days = (end - now).days
    mark = next((mark for mark in SOON if days <= mark), None)
    if mark is None:
        return ""
    within = "1 day" if mark == 1 else f"{mark} days"
    said = f"{within} or less: the https certificate of {host} ends on {end:%Y-%m-%d %H:%M} UTC."
    return Detail(said, "public/ends", host=host, ends=end)


def _end(shown: object) -> datetime | None:
    said = shown.get("notAfter") if isinstance(shown, dict) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(said), UTC) if isinstance(said, str) else None
