"""The one file that knows everyone: settings into services, services into an application or a worker."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from wallet_service import settings as settings_module
from wallet_service.actions.links import Links
from wallet_service.actions.services import Clock, Services
from wallet_service.art.gallery import Gallery
from wallet_service.db.session import Sessions
from wallet_service.push.queue import Queue
from wallet_service.settings import Settings

WALLETS = ("apple",)
LARGEST_BODY = 64 * 1024


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_services(settings: Settings, *, queue: Queue | None = None, clock: Clock = utc_now) -> Services:
    """`queue`, when given, is woken after each commit that left something to tell."""
    return Services(
        settings=settings,
        sessions=Sessions(settings.database_url, on_wake=queue.wake if queue else lambda: None),
        clock=clock,
        links=Links(settings.public_url, settings.secret_keys),
        gallery=Gallery(settings.data_dir / "art"),
        wallets=WALLETS,
    )


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> Flask:
    settings = settings or settings_module.from_environment()
    services = build_services(settings, queue=Queue(settings.queue_url), clock=clock)
    app = Flask("wallet_service", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        MAX_CONTENT_LENGTH=LARGEST_BODY,  # S18
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),  # S10
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions["wallet"] = services
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign]
    _open_doors(app)
    return app


def _open_doors(app: Flask) -> None:
    """Each room that faces the outside registers its blueprint here."""
