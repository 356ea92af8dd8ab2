"""The one file that knows everyone: settings into services, services into an application or a worker."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from wallet_service.actions.links import Links
from wallet_service.actions.services import Clock, Services
from wallet_service.api.views import api
from wallet_service.apple.service import desk as apple_desk
from wallet_service.apple.service import devices, web_service
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.signing import certificate_files, certificate_status
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.apple.waking.wallet import AppleWallet
from wallet_service.art.gallery import Gallery
from wallet_service.db.session import Sessions
from wallet_service.google import desk as google_desk
from wallet_service.google import web as google_web
from wallet_service.google.client import GoogleClient
from wallet_service.google.desk import GoogleDesk
from wallet_service.google.lane import GuestPace, Lane
from wallet_service.google.pace import LANE, Pace
from wallet_service.google.reconcile import Reconciler, is_night
from wallet_service.google.wallet import BATCH, GoogleWallet
from wallet_service.push.clock_watch import is_trusted
from wallet_service.push.queue import Aside, Queue
from wallet_service.push.webhooks import deliveries
from wallet_service.push.webhooks.caller import Caller
from wallet_service.push.webhooks.drain import Drain
from wallet_service.push.worker import Worker
from wallet_service.settings import BadSetting, Settings
from wallet_service.web import doors

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
        wallets=("apple", "google") if settings.google else ("apple",),
    )


def apple_keyring(services: Services) -> Keyring:
    settings = services.settings
    return Keyring(settings.certs_dir, services.clock, settings.key_passphrase)


def apple_wallet(services: Services) -> AppleWallet:
    """Belongs to the worker process that asks for it."""
    settings, keyring = services.settings, apple_keyring(services)
    return AppleWallet(
        services.sessions, keyring, apns_url=settings.apns_url, apns_ca_file=settings.apns_ca_file
    )


def google_wallet(services: Services) -> GoogleWallet | None:
    """Belongs to the worker process that asks for it; None where no Google account is set up."""
    settings = services.settings.google
    if settings is None:
        return None
    lane = Lane(services.sessions, settings.issuer_id, services.clock)
    return GoogleWallet(services, GoogleClient(settings, Pace(LANE)), lane)


def google_worker(services: Services, wallet: GoogleWallet) -> Worker:
    """Small batches, so that a till's mark never waits long behind a campaign's."""
    return Worker(services.sessions, wallet, services.clock, batch=BATCH, may=wallet.lane.held)


def google_jobs(services: Services, wallet: GoogleWallet, queue: Queue) -> None:
    """Looks beside the lane, but only where its holder is, so that one process does them."""
    settings = services.settings.google
    assert settings is not None
    client = GoogleClient(settings, GuestPace(services.sessions, settings.issuer_id))
    reconciler = Reconciler(services, client)

    def look_again() -> None:
        if wallet.lane.held():
            reconciler.look_again()

    def nightly() -> None:
        if is_night(services.clock()) and wallet.lane.held():
            reconciler.nightly()

    queue.every("google_look_again", Aside("google look", look_again), minutes=1)
    queue.every("google_nightly", Aside("google night", nightly), minutes=60)


def webhook_drain(services: Services) -> Drain:
    """Belongs to the worker process that asks for it."""
    settings = services.settings
    return Drain(services.sessions, Caller(settings.sandbox), settings.secret_keys, services.clock)


def forget_webhooks(services: Services) -> None:
    """What systems of the shop were told a month ago."""
    if not is_trusted(services.sessions, services.clock()):
        return
    gone = deliveries.SLICE
    while gone == deliveries.SLICE:
        with services.sessions.begin() as session:
            gone = deliveries.forget_old(session, services.clock())


def sweep_devices(services: Services) -> None:
    """Phones that hold no card of ours any more are forgotten."""
    with services.sessions.begin() as session:
        devices.sweep(session, services.clock())


def require_safe_keys(settings: Settings, now: datetime) -> None:
    """S1: no start with a key that others can read; production takes no certificates of the sandbox."""
    certificate_files.require_private_keys(settings.certs_dir)
    found = certificate_status.status(settings.certs_dir, now, settings.key_passphrase)
    if not settings.sandbox and any(standing.sandbox for standing in found):
        raise BadSetting(
            f"WALLET_CERTS_DIR {settings.certs_dir} holds sandbox certificates, which no real phone trusts. "
            "Import Apple's with `flask wallet certs import`, or set WALLET_MODE=sandbox."
        )


def create_app(settings: Settings, *, clock: Clock = utc_now) -> Flask:
    """The web application with its commands."""
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
    _add_commands(app)
    return app


def _open_doors(app: Flask) -> None:
    """Each room that faces the outside registers its blueprint here."""
    services: Services = app.extensions["wallet"]
    app.extensions[apple_desk.EXTENSION] = AppleDesk.open(services, SigningDesk(apple_keyring(services)))
    app.register_blueprint(web_service.blueprint())
    _open_google(app, services)
    app.register_blueprint(api)
    doors.open_doors(app)


def _open_google(app: Flask, services: Services) -> None:
    """Without a Google account there is no door to be called at."""
    if services.settings.google is not None:
        app.extensions[google_desk.EXTENSION] = GoogleDesk.open(services, services.settings.google)
        app.register_blueprint(google_web.blueprint())


def _add_commands(app: Flask) -> None:
    from wallet_service.cli.commands import wallet  # the commands build services of their own

    app.cli.add_command(wallet)
