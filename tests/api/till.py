"""A machine at the API for tests: one key, one shop, answers as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.shop import Shop, make_shop
from wallet_service.actions.api_keys import create_api_key
from wallet_service.wiring import create_app


@dataclass
class Till:
    """`post` makes a new key for each press, unless it is given one."""

    shop: Shop
    app: Flask
    key: str
    presses: count[int] = field(default_factory=count)

    def post(
        self, path: str, json: Any = None, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        press = {"Idempotency-Key": key or f"press-{next(self.presses)}"}
        return self.ask("POST", path, json=json, headers=press | dict(headers or {}))

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, headers={name.replace("_", "-"): said for name, said in headers.items()})

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"} | dict(headers or {})
        with self.app.test_client() as client:
            return client.open(f"/api/v1{path}", method=method, headers=sent, **more)

    def join(self, **said: Any) -> str:
        return str(self.post("/programs/coffee/cards", said).json["serial"])  # type: ignore[index]

    def balance(self, card: str) -> int:
        return int(self.get(f"/cards/{card}").json["balance"])  # type: ignore[index]


def make_till(folder: Path, database_url: str | None = None) -> Till:
    shop = make_shop(folder, database_url)
    return Till(shop, create_app(shop.services.settings, clock=shop.clock), make_key(shop, "till-1"))


def make_key(shop: Shop, name: str) -> str:
    with shop.services.sessions.begin() as session:
        return create_api_key(session, name=name, entropy=shop.services.entropy, now=shop.clock())
