"""The till's page as its server knows it: it opens, reads its state, and asks in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.web.site import Site, Visitor
from wallet_service.db.tables import Card, FiscalDrive, LedgerEntry, Staff, Store

Json = dict[str, Any]
DRIVE = "9960440301234567"
EVERY_VERB: dict[str, Json] = {
    "purchases": {"visits": 1},
    "refunds": {"receipt": "t=20261102T1100&s=1.00&fn=9960440301234567&i=1&fp=2&n=2"},
    "payments": {"points": 1, "total": 100},
    "rewards": {"reward": "coffee"},
    "adjustments": {"points": 1, "reason": "goodwill", "manager_pin": "987654"},
}
"""What may be pressed on a card's screen."""

_keys = count()


@dataclass
class TillPage:
    """Somebody signed in at a till of their own."""

    site: Site
    visitor: Visitor
    csrf: str = ""
    answer: TestResponse | None = None

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer.status_code

    @property
    def slug(self) -> str:
        """Of the no that came last."""
        return str(self.said["type"].partition("#")[2])

    @property
    def said(self) -> Json:
        assert self.answer is not None
        found: Json = json.loads(self.answer.text)
        return found

    def state(self) -> Json:
        said = self.ask("GET", "/till/state")
        self.csrf = said["csrf"]
        return said

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Json:
        headers = {"X-CSRFToken": self.csrf} | more.pop("headers", {})
        sent = {} if method == "GET" else {"json": body}
        self.answer = self.visitor.client.open(path, method=method, headers=headers, **sent, **more)
        return self.said if self.answer.text else {}

    def post(self, path: str, body: Any = None, **more: Any) -> Json:
        return self.ask("POST", f"/till{path}", body, **more)

    def scan(self, code: str, key: str | None = None) -> Json:
        return self.post("/scans", {"code": code, "key": key or new_key()})

    def card(self, card: str) -> Json:
        return self.ask("GET", f"/till/cards/{card}")

    def press(self, card: str, verb: str, **said: Any) -> Json:
        """A button of the card's screen, with a key of its own unless one is given."""
        return self.post(f"/cards/{card}/{verb}", {"key": new_key()} | said)

    def undo(self, entry: int, **said: Any) -> Json:
        return self.post(f"/entries/{entry}/undo", {"key": new_key()} | said)

    def another_tab(self) -> FlaskClient:
        """Of the same browser, so that several can ask at once."""
        client = self.site.app.test_client()
        for name, path in (("session", "/"), ("till", "/till")):
            cookie = self.visitor.client.get_cookie(name, path=path)
            assert cookie is not None
            client.set_cookie(name, cookie.value, path=path)
        return client

    def number(self, card: str) -> str:
        return self.site.shop.face(card).number


def till_page(site: Site, language: str = "en", name: str = "Mira") -> TillPage:
    page = TillPage(site, site.cashier(language, name))
    page.state()
    return page


def new_key() -> str:
    return f"till-press-{next(_keys)}"


def fiscal(total: str, number: int = 1, *, at: str = "20261102T1100", n: int = 1, drive: str = DRIVE) -> str:
    """The code of a receipt; the shop opens at 11:00 in Moscow."""
    return f"t={at}&s={total}&fn={drive}&i={number}&fp=1234567890&n={n}"


def list_drive(site: Site, number: str = DRIVE) -> None:
    """Of the first store."""
    with site.shop.services.sessions.begin() as session:
        store = session.scalars(select(Store.id).where(Store.slug == "main")).one()
        session.add(FiscalDrive(number=number, store_id=store, created_at=site.clock()))


def rows(site: Site, kind: str) -> list[LedgerEntry]:
    """Of the ledger, oldest first."""
    with site.shop.services.sessions.read() as session:
        query = select(LedgerEntry).where(LedgerEntry.kind == kind).order_by(LedgerEntry.id)
        return list(session.scalars(query))


def last_entry(site: Site) -> LedgerEntry:
    with site.shop.services.sessions.read() as session:
        return session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(1)).one()


def make_mine(site: Site, card: str) -> None:
    """Mira carries it as a member."""
    with site.shop.services.sessions.begin() as session:
        mine = session.scalars(select(Card.id).where(Card.serial == card)).one()
        session.execute(update(Staff).where(Staff.name == "Mira").values(own_card_id=mine))
