"""A shop before the simulated Google: its service answers under a real address, as Google needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from simulators.google_wallet.accounts import ISSUER
from simulators.google_wallet.process import Simulator
from tests.services import databases
from tests.services.serving import serving
from tests.shop import Clock, Shop, make_settings
from wallet_service.db.tables import Card, GoogleCard, Outbox
from wallet_service.google.client import GoogleClient
from wallet_service.google.desk import EXTENSION, GoogleDesk
from wallet_service.google.lane import Lane
from wallet_service.google.pace import Pace, Share
from wallet_service.google.pictures_ready import PicturesReady
from wallet_service.google.wallet import GoogleWallet
from wallet_service.push.worker import Worker
from wallet_service.settings import GoogleSettings
from wallet_service.wiring import create_app

FAST = 1000.0  # cards saved a second: it is no test's business to wait for its turn at the simulator
CALM = 60.0  # seconds that a picture may take on a machine that stands still for a moment


@dataclass
class GoogleShop(Shop):
    """A shop with an account at the simulated Google, and somebody's browser."""

    google: Simulator | None = None
    browser: FlaskClient | None = None
    pictures_are_gone: bool = False

    @property
    def outside(self) -> Simulator:
        assert self.google is not None
        return self.google

    @property
    def settings(self) -> GoogleSettings:
        found = self.services.settings.google
        assert found is not None
        return found

    def path(self, card: str) -> str:
        return self.services.links.google(card).removeprefix(self.services.settings.public_url)

    def ask_to_save(self, card: str) -> TestResponse:
        assert self.browser is not None
        return self.browser.get(self.path(card))

    def save(self, card: str) -> str:
        """Press Google's button, and save what Google offers; answers the object's id."""
        answer = self.ask_to_save(card)
        assert answer.status_code == 302, answer.text
        self.outside.save(answer.location)
        return self.object_id(card)

    def saved_card(self, **more: Any) -> str:
        """Somebody who joined and saved the card."""
        card = self.join(**more)
        self.save(card)
        return card

    def object_id(self, card: str) -> str:
        return f"{ISSUER}.{card}"

    def object(self, card: str) -> dict[str, Any]:
        return self.outside.objects()[self.object_id(card)]

    def shows(self, card: str) -> str:
        """The balance on the card in Google Wallet."""
        return str(self.object(card)["loyaltyPoints"]["balance"]["string"])

    def patches(self, card: str | None = None) -> list[dict[str, Any]]:
        return self.outside.calls(self.object_id(card) if card else "loyaltyObject/", "PATCH")

    def known(self, card: str) -> GoogleCard:
        with self.services.sessions.read() as session:
            wanted = select(GoogleCard).join(Card, Card.id == GoogleCard.card_id).where(Card.serial == card)
            return session.scalars(wanted).one()

    def mark(self, card: str) -> Outbox:
        with self.services.sessions.read() as session:
            wanted = select(Outbox).join(Card, Card.id == Outbox.card_id)
            return session.scalars(wanted.where(Card.serial == card, Outbox.wallet == "google")).one()


@contextmanager
def open_google_shop(
    folder: Path, google: Simulator, database_url: str | None = None
) -> Iterator[GoogleShop]:
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=Quiet)
    settings = make_settings(
        folder,
        database_url,
        WALLET_PUBLIC_URL=f"http://127.0.0.1:{server.server_port}",
        WALLET_GOOGLE_ISSUER_ID=ISSUER,
        WALLET_GOOGLE_SERVICE_ACCOUNT_FILE=str(google.key_file),
        WALLET_GOOGLE_API_URL=google.url,
        WALLET_GOOGLE_KEYS_URL=f"{google.url}/callback-keys",
        WALLET_GOOGLE_SAVE_URL=f"{google.url}/gp/v/save",
    )
    clock = Clock(datetime.now(UTC))
    app = create_app(settings, clock=clock)
    shop = GoogleShop(app.extensions["wallet"], clock, google=google, browser=app.test_client())
    app.extensions[EXTENSION] = GoogleDesk.open(
        shop.services, shop.settings, guests=FAST, pictures=PicturesReady(CALM)
    )
    databases.migrated(shop.services.sessions.engine)
    shop.publish()
    server.app = _behind(shop, app)
    with closing(shop.services.sessions), serving(server):
        yield shop


def purchase(shop: GoogleShop, worker: Worker, card: str) -> None:
    """Google has heard of it when this comes back."""
    shop.earn(card)
    worker.run_until_idle()


def make_wallet(shop: GoogleShop, pace: Pace | None = None, campaigns: Share | None = None) -> GoogleWallet:
    client = GoogleClient(shop.settings, pace or Pace(None))
    lane = Lane(shop.services.sessions, shop.settings.issuer_id, shop.clock)
    return GoogleWallet(shop.services, client, lane, campaigns, PicturesReady(CALM))


def make_worker(shop: GoogleShop, wallet: GoogleWallet) -> Worker:
    return Worker(shop.services.sessions, wallet, shop.clock)


def _behind(shop: GoogleShop, app: Flask) -> WSGIApplication:
    """What the outside reaches of the service."""

    def reached(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if shop.pictures_are_gone and environ["PATH_INFO"].startswith("/art/"):
            return NotFound()(environ, start)
        return app(environ, start)

    return reached


class Quiet(WSGIRequestHandler):
    """What the tests and the bench say stands by itself."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _not_yet(_environ: object, _start: object) -> list[bytes]:
    return []
