"""The pages as people meet them: a visitor with a browser that runs no scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.examples import body
from tests.services import databases
from tests.services.serving import serving_app
from tests.shop import Clock, Shop, make_settings
from wallet_service.actions import shifts, tills
from wallet_service.actions.staff import add_staff
from wallet_service.db.tables import Base, Staff
from wallet_service.web import till_cookie
from wallet_service.wiring import create_app

CASHIER, ADMIN = "1234", "987654"
NUMBER = re.compile(r"\b1\d{3}(?: \d{4}){3} \d{3}\b")


@dataclass
class Site:
    app: Flask
    shop: Shop

    @property
    def clock(self) -> Clock:
        return self.shop.clock

    def visitor(self, language: str = "en", address: str = "127.0.0.1", agent: str = "") -> Visitor:
        client = self.app.test_client()
        client.environ_base |= {
            "HTTP_ACCEPT_LANGUAGE": language,
            "REMOTE_ADDR": address,
            "HTTP_USER_AGENT": agent,
        }
        return Visitor(self, client)

    def cashier(self, language: str = "en", name: str = "Mira") -> Visitor:
        """Somebody who signed in before, at a till of their own."""
        visitor, now = self.visitor(language), self.clock()
        with self.shop.services.sessions.begin() as session:
            person = session.scalars(select(Staff).where(Staff.name == name)).one()
            paired = tills.pair_itself(session, now)
            shift = shifts.begin(session, staff=person.id, till=paired.till, now=now)
        with visitor.client.session_transaction() as kept:
            kept.update(staff=person.id, shift=shift, mark=shifts.mark(person), proved=True)
            kept["since"] = int(now.timestamp())
        visitor.client.set_cookie(
            "till", till_cookie.cookie(self.shop.services.settings, paired), path="/till"
        )
        return visitor

    def count(self, table: type[Base]) -> int:
        with self.shop.services.sessions.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def run(self, name: str, **changes: Any) -> None:
        """One of the worked programs instead of the demo."""
        self.shop.program = name
        self.shop.publish(**{"welcome": 0, "visit_minimum": 0, "rewards": []} | body(name) | changes)

    def page_of(self, card: str) -> str:
        return self.shop.services.links.page(card).removeprefix(self.shop.services.settings.public_url)

    @contextmanager
    def served(self) -> Iterator[str]:
        """For a real browser."""
        with serving_app(self.app) as address:
            yield address


@dataclass
class Visitor:
    """Remembers the last page, so that a form can be sent as it was shown."""

    site: Site
    client: FlaskClient
    answer: TestResponse | None = None
    path: str = ""

    @property
    def text(self) -> str:
        """What the page says, with plain spaces."""
        assert self.answer is not None
        bare = re.sub(r"<(script|style|svg)[^>]*>.*?</\1>|<[^>]+>", " ", self.answer.text, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(bare)).strip()

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer.status_code

    def get(self, path: str, **more: Any) -> Self:
        return self._see("GET", path, **more)

    def form(self, action: str) -> tuple[str, dict[str, str]]:
        """Address and hidden fields of the form whose address ends so."""
        assert self.answer is not None
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.answer.text, re.S):
            found = re.search(r'action="([^"]*)"', attributes)
            where = html.unescape(found[1]) if found else self.path
            if where.endswith(action):
                return where, dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', inside))
        raise AssertionError(f"no form {action!r} in: {self.text}")

    def press(self, action: str, **typed: str) -> Self:
        where, hidden = self.form(action)
        return self.post(where, hidden | typed)

    def post(self, path: str, data: Any = None, **more: Any) -> Self:
        return self._see("POST", path, data=data, **more)

    def _see(self, method: str, path: str, **more: Any) -> Self:
        self.answer = self.client.open(path, method=method, follow_redirects=True, **more)
        self.path = self.answer.request.path
        return self


def make_site(folder: Path, **more: str) -> Site:
    settings = make_settings(folder, **more)
    clock = Clock()
    app = create_app(settings, clock=clock)
    return Site(app, Shop(app.extensions["wallet"], clock))


def open_up(site: Site) -> None:
    """The demo program, and two people who work here."""
    databases.migrated(site.shop.services.sessions.engine)
    site.shop.publish()
    with site.shop.services.sessions.begin() as session:
        for name, role, pin in (("Mira", "cashier", CASHIER), ("Olga", "admin", ADMIN)):
            add_staff(session, name=name, role=role, pin=pin, now=site.clock())
