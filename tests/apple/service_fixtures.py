"""The wired service as phones meet it, and phones that only make requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.services import databases
from tests.services.serving import serving_app
from tests.shop import Clock, Shop, make_settings
from wallet_service.apple.service.desk import EXTENSION, AppleDesk
from wallet_service.apple.service.devices import number_changes
from wallet_service.apple.signing.sandbox_certificates import COFFEE
from wallet_service.db.tables import Base, Card
from wallet_service.wiring import create_app

PASS_TYPE = COFFEE


@dataclass
class Service:
    app: Flask
    shop: Shop
    certs: Path

    @property
    def desk(self) -> AppleDesk:
        return cast(AppleDesk, self.app.extensions[EXTENSION])

    @property
    def clock(self) -> Clock:
        return self.shop.clock

    def phone(self, device: str = "device-1", address: str = "127.0.0.1") -> Phone:
        return Phone(self, device, address)

    def count(self, table: type[Base]) -> int:
        with self.shop.services.sessions.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def downloaded(self, card: str) -> TestResponse:
        """From the card's own page."""
        return self.app.test_client().get(f"/card/{self.shop.services.links.token(card)}/apple")

    def number(self, *cards: str) -> int:
        """What the worker does just before it pushes."""
        with self.shop.services.sessions.begin() as session:
            ids = session.scalars(select(Card.id).where(Card.serial.in_(cards))).all()
            return number_changes(session, PASS_TYPE, ids)

    def change(self, card: str) -> None:
        self.shop.earn(card)

    def change_and_number(self, *cards: str) -> None:
        for card in cards:
            self.change(card)
        self.number(*cards)

    @contextmanager
    def served(self) -> Iterator[str]:
        """On a real socket, many requests at once; the address to put before a path."""
        with serving_app(self.app) as address:
            yield address


@dataclass
class Phone:
    service: Service
    device: str
    address: str
    push_token: str = "aa" * 32

    def registration(self, card: str, pass_type: str = PASS_TYPE) -> str:
        return f"/apple/v1/devices/{self.device}/registrations/{pass_type}/{card}"

    def token(self, card: str) -> dict[str, str]:
        return {"Authorization": f"ApplePass {self.service.desk.authentication_token(card)}"}

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.service.app.test_client().open(
            path, method=method, environ_overrides={"REMOTE_ADDR": self.address}, **more
        )

    def register(self, card: str, **more: Any) -> TestResponse:
        more = {"headers": self.token(card), "json": {"pushToken": self.push_token}} | more
        return self.ask("POST", self.registration(card), **more)

    def unregister(self, card: str, **more: Any) -> TestResponse:
        return self.ask("DELETE", self.registration(card), **({"headers": self.token(card)} | more))

    def changed(self, tag: str | None = None, pass_type: str = PASS_TYPE) -> TestResponse:
        query = {} if tag is None else {"passesUpdatedSince": tag}
        return self.ask(
            "GET", f"/apple/v1/devices/{self.device}/registrations/{pass_type}", query_string=query
        )

    def listed(self, tag: str | None = None) -> tuple[set[str], str]:
        """The serials and the tag; nothing and the old tag for a 204."""
        answer = self.changed(tag)
        if answer.status_code == 204:
            return set(), tag or ""
        body = answer.get_json()
        assert isinstance(body["lastUpdated"], str)
        return set(body["serialNumbers"]), body["lastUpdated"]

    def fetch(self, card: str, since: str | None = None, method: str = "GET", **more: Any) -> TestResponse:
        headers = self.token(card) | ({"If-Modified-Since": since} if since else {})
        return self.ask(method, f"/apple/v1/passes/{PASS_TYPE}/{card}", **({"headers": headers} | more))

    def add(self, card: str) -> str:
        """Download and register; answers the Last-Modified."""
        stamp = self.fetch(card).headers["Last-Modified"]
        assert self.register(card).status_code == 201
        return stamp


def make_service(folder: Path, certs: Path, database_url: str | None = None, **more: str) -> Service:
    """Migrated, with the demo program in force."""
    service = wire(folder, certs, database_url, **more)
    databases.migrated(service.shop.services.sessions.engine)
    service.shop.publish()
    return service


def wire(folder: Path, certs: Path, database_url: str | None = None, **more: str) -> Service:
    settings = make_settings(folder, database_url, WALLET_CERTS_DIR=str(certs), **more)
    clock = Clock()
    app = create_app(settings, clock=clock)
    return Service(app, Shop(app.extensions["wallet"], clock), certs)


def pass_json(answer: TestResponse) -> dict[str, Any]:
    with ZipFile(BytesIO(answer.data)) as bundle:
        return cast(dict[str, Any], json.loads(bundle.read("pass.json")))
