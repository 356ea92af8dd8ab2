"""The one file that knows everyone: settings into services, services into an application or a worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import sleep
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from wallet_service import metrics
from wallet_service.actions import installation, retired_keys
from wallet_service.actions.links import Links
from wallet_service.actions.retired_keys import KeysInForce
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
from wallet_service.cli.alarm_jobs import watch_from_the_web
from wallet_service.cli.logs import write_log
from wallet_service.db.local_disk import require_local_disk
from wallet_service.db.pictures import SharedPictures
from wallet_service.db.session import Sessions
from wallet_service.db.tables import RetiredKey
from wallet_service.domain.errors import Misconfigured, Unavailable, WalletError
from wallet_service.google import desk as google_desk
from wallet_service.google import web as google_web
from wallet_service.google.client import GoogleClient
from wallet_service.google.desk import GoogleDesk
from wallet_service.google.lane import GuestPace, Lane
from wallet_service.google.pace import LANE, Pace, Share
from wallet_service.google.reconcile import Reconciler, is_night
from wallet_service.google.wallet import BATCH, GoogleWallet
from wallet_service.push.clock_watch import is_trusted
from wallet_service.push.other_clocks import OtherClocks
from wallet_service.push.queue import Aside, Queue
from wallet_service.push.resident import BREATH
from wallet_service.push.webhooks import deliveries
from wallet_service.push.webhooks.caller import Caller
from wallet_service.push.webhooks.drain import Drain
from wallet_service.push.worker import Worker
from wallet_service.settings import BadSetting, Settings
from wallet_service.web import doors
from wallet_service.web.request_log import Doorkeeper
from wallet_service.web.standing import QUEUE
from wallet_service.web.turnstile import Turnstile, turn_away

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_services(settings: Settings, *, queue: Queue | None = None, clock: Clock = utc_now) -> Services:
    """`queue`, when given, is woken after each commit that left something to tell."""
    sessions = Sessions(settings.database_url, on_wake=queue.wake if queue else lambda: None)
    settings = with_retired_keys(settings, sessions)
    return Services(
        settings=settings,
        sessions=sessions,
        clock=clock,
        links=Links(settings.public_url, settings.secret_keys),
        gallery=gallery(settings, sessions, clock),
        wallets=wallets_of(settings),
    )


def gallery(settings: Settings, sessions: Sessions, clock: Clock) -> Gallery:
    """SQLite is one machine's, whose folder all its processes share."""
    shelf = None if sessions.sqlite else SharedPictures(sessions, clock)
    return Gallery(settings.data_dir / "art", shelf)


def with_retired_keys(settings: Settings, sessions: Sessions) -> Settings:
    """Keys that left the setting stay good for what was paired under them; not for sessions."""
    keys = KeysInForce(settings.secret_keys, partial(_retired, settings.secret_keys, sessions))
    keys.look()
    sessions.close()  # what was opened before a fork is not for after it
    return replace(settings, secret_keys=keys)


def _retired(given: Sequence[str], sessions: Sessions) -> tuple[str, ...] | None:
    """None while nobody can tell, because the database is away; and where they do not open, which stops the
    start of a server, but not the commands that mend it.
    """
    try:
        return _opened(given, sessions)
    except (Unavailable, DBAPIError):
        return None


def _opened(given: Sequence[str], sessions: Sessions) -> tuple[str, ...] | None:
    with sessions.read() as session:
        if not inspect(session.connection()).has_table(RetiredKey.__tablename__):
            return None
        return retired_keys.opened(session, given)


def require_open_keys(settings: Settings) -> None:
    """No start while the database keeps keys that the setting does not open."""
    sessions = Sessions(settings.database_url)
    try:
        _opened(settings.secret_keys, sessions)
    except Misconfigured:
        raise
    except (Unavailable, DBAPIError):
        pass  # it is away: a server comes up and waits for it
    finally:
        sessions.close()


def wallets_of(settings: Settings) -> tuple[str, ...]:
    return ("apple", "google") if settings.google else ("apple",)


def settle_in(services: Services) -> None:
    """S29: a database that is not the one this place knows stands still before anything is done with it.
    While nobody can tell which it is (there is none yet, or not of this release: `doctor` tells), nothing is.
    """
    try:
        _settle_in(services)
    except Misconfigured:
        raise
    except (WalletError, DBAPIError) as error:
        log.warning("nobody can tell yet which database this is: %s", error)
        services.sessions.do_first(partial(_settle_in, services))
    finally:
        services.sessions.close()  # what was opened before a fork is not for after it


def _settle_in(services: Services) -> None:
    with services.sessions.begin(in_quarantine=True) as session:
        installation.settle_in(session, services.settings.data_dir, services.entropy, services.clock())


def apple_keyring(services: Services) -> Keyring:
    settings = services.settings
    doubt = OtherClocks(settings.data_dir).doubt
    return Keyring(settings.certs_dir, services.clock, settings.key_passphrase, doubt)


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
    lease = services.settings.lease / 3  # so that another worker takes over soon
    lane = Lane(services.sessions, settings.issuer_id, services.clock, lease)
    pace = Pace(LANE)
    client = GoogleClient(settings, pace, heard=OtherClocks(services.settings.data_dir).heard)
    return GoogleWallet(services, client, lane, Share(pace))


def google_worker(services: Services, wallet: GoogleWallet) -> Worker:
    """Small batches, so that a till's mark never waits long behind a campaign's."""
    lease = services.settings.lease
    return Worker(services.sessions, wallet, services.clock, batch=BATCH, lease=lease, may=wallet.lane.held)


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

    queue.every("google_look_again", Aside("google look", look_again), minutes=1, everywhere=True)
    queue.every("google_nightly", Aside("google night", nightly), minutes=60, everywhere=True)


def webhook_drain(services: Services) -> Drain:
    """Belongs to the worker process that asks for it."""
    settings = services.settings
    caller = Caller(settings.sandbox, heard=OtherClocks(settings.data_dir).heard)
    return Drain(services.sessions, caller, settings.secret_keys, services.clock, lease=settings.lease)


def forget_webhooks(services: Services) -> None:
    """What systems of the shop were told a month ago."""
    _sweep_out(services, deliveries.forget_old, deliveries.SLICE)


def sweep_devices(services: Services) -> None:
    """Phones that hold no card of ours any more are forgotten."""
    _sweep_out(services, devices.sweep, devices.SLICE)


def _sweep_out(services: Services, sweep: Callable[[Session, datetime], int], slice_: int) -> None:
    """Slice by slice, with a breath for the tills; what a wrong clock takes for old stays."""
    if not is_trusted(services.sessions, services.clock()):
        return
    gone = slice_
    while gone == slice_:
        with services.sessions.begin() as session:
            gone = sweep(session, services.clock())
        sleep(BREATH)


def watch_over(settings: Settings) -> None:
    """A process that stays: its log has the form that is asked for, and it counts with the others."""
    write_log(settings.log_format)
    metrics.share(settings.data_dir / "metrics")


def require_safe_place(settings: Settings) -> None:
    """No start where SQLite would lose rows."""
    require_local_disk(settings.database_url, "WALLET_DATABASE_URL or WALLET_DATA_DIR")
    require_local_disk(settings.queue_url, "WALLET_QUEUE_URL or WALLET_DATA_DIR")


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
    queue = Queue(settings.queue_url)
    services = build_services(settings, queue=queue, clock=clock)
    app = Flask("wallet_service", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        MAX_CONTENT_LENGTH=LARGEST_BODY,  # S18
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),  # S10
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions.update({"wallet": services, QUEUE: queue})
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign]
    app.before_request(turn_away)
    _open_doors(app)
    one_by_one = Turnstile(app.wsgi_app, f"{web_service.PREFIX}/")
    app.wsgi_app = Doorkeeper(one_by_one, urlsplit(settings.public_url).netloc)  # type: ignore[assignment,method-assign]
    _add_commands(app)
    return app


def begun(app: Flask) -> Flask:
    """In a process that serves: what doors gather in memory is written down from now on."""
    desk: AppleDesk = app.extensions[apple_desk.EXTENSION]
    desk.sightings.begin()
    watch_from_the_web(desk.services)
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
