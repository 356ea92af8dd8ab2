"""Self-hosted loyalty cards with a progress bar, in the wallets of people's phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from wallet_service.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The web application; `flask --app wallet_service` and `wsgi.py` start here."""
    from wallet_service.wiring import create_app  # only the application needs every room

    return create_app(settings)
