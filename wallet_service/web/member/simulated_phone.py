"""In the sandbox, the way into the simulated phone."""

from __future__ import annotations

from urllib.parse import quote

from wallet_service.actions.services import Services


def link_to_simulated_phone(services: Services, serial: str) -> str | None:
    phone = services.settings.phone_url
    if not services.settings.sandbox or not phone:
        return None
    return f"{phone}/add?url={quote(services.links.apple(serial), safe='')}"
