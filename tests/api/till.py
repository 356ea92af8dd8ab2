"""A machine at the API for tests: one key, one shop, answers as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

    def post(self, path: str, json: Any = None, *, key: str | None = None, **headers: str) -> TestResponse:
        press = key or f"press-{next(self.presses)}"
        return self.ask("POST", path, json, None, **{"Idempotency_Key": press} | headers)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, None, None, **headers)

    def ask(
        self, method: str, path: str, json: Any = None, data: bytes | None = None, **headers: str
    ) -> TestResponse:
        """A header is named as Python can: If_None_Match; an empty one is left out."""
        said = {"Authorization": f"Bearer {self.key}", "Accept_Language": "en"} | headers
        sent = {name.replace("_", "-"): value for name, value in said.items() if value}
        with self.app.test_client() as client:
            return client.open(f"/api/v1{path}", method=method, headers=sent, json=json, data=data)

    def join(self, **said: Any) -> str:
        return str(answer(self.post("/programs/coffee/cards", said))["serial"])

    def buy(self, card: str, *, key: str | None = None, **said: Any) -> Mapping[str, Any]:
        return answer(self.post(f"/cards/{card}/purchases", said or {"visits": 1}, key=key))

    def card(self, card: str) -> Mapping[str, Any]:
        return answer(self.get(f"/cards/{card}"))

    def entries(self, card: str) -> list[tuple[str, int]]:
        """Kind and points, newest first."""
        page = answer(self.get(f"/cards/{card}/entries?limit=100"))
        return [(entry["kind"], entry["points"]) for entry in page["items"]]


def answer(response: TestResponse) -> Mapping[str, Any]:
    """What a call that worked says."""
    assert response.status_code in (200, 201), response.get_data(as_text=True)
    assert response.mimetype == "application/json"
    assert isinstance(response.json, dict)
    return response.json


def problem(response: TestResponse) -> tuple[int, str]:
    """The status and the slug of a refusal, which has the form of every other one."""
    said = response.json
    assert response.mimetype == "application/problem+json", response.get_data(as_text=True)
    assert isinstance(said, dict)
    assert list(said)[:4] == ["type", "title", "status", "detail"]
    assert said["status"] == response.status_code
    assert said["detail"].endswith(".")
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, said["type"].removeprefix("/api/v1/docs#")


@contextmanager
def make_till(folder: Path, database_url: str | None = None, **more: str) -> Iterator[Till]:
    shop = make_shop(folder, database_url, **more)
    app = create_app(shop.services.settings, clock=shop.clock)
    yield Till(shop, app, make_key(shop, "till-1"))
    app.extensions["wallet"].sessions.close()
    shop.services.sessions.close()


def make_key(shop: Shop, name: str, **more: Any) -> str:
    with shop.services.sessions.begin() as session:
        return create_api_key(session, name=name, entropy=shop.services.entropy, now=shop.clock(), **more)
