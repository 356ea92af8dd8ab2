"""Which addresses may go to Google."""

from __future__ import annotations

from wallet_service.domain.errors import Misconfigured


def public(address: str, *, plain_http: bool) -> str:
    """The address itself when Google takes it; plain http is for a simulated Google alone."""
    if address.startswith("https://") or (plain_http and address.startswith("http://")):
        return address
    base = "/".join(address.split("/")[:3])
    raise Misconfigured(
        f"Google takes https addresses only, and ours begin with {base}. "
        "Set WALLET_PUBLIC_URL to the https address of this service."
    )
