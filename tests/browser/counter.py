"""A counter in a shop: the service behind it on the clock of this machine, and browsers as tills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from tests.browser.glass import SHARP
from tests.shop import Clock, Shop, make_settings
from tests.web.site import CASHIER, Site, open_up
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry, Staff
from wallet_service.wiring import create_app

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


class ThisMachine(Clock):
    """A browser reads its own clock, so the service has to go by the same."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Counter:
    site: Site
    address: str

    @property
    def shop(self) -> Shop:
        return self.site.shop

    def card(self, name: str = "Alice") -> str:
        """The number of a new card."""
        return self.shop.face(self.shop.join(name)).number

    def page_of(self, number: str) -> str:
        """Where its member looks at it."""
        with self.shop.services.sessions.read() as session:
            return self.site.page_of(queries.card(session, number).serial)

    def booked(self, number: str) -> list[LedgerEntry]:
        """What was earned on it, oldest first."""
        with self.shop.services.sessions.read() as session:
            card = queries.card(session, number)
            entries = select(LedgerEntry).where(LedgerEntry.card_id == card.id, LedgerEntry.kind == "earn")
            return list(session.scalars(entries.order_by(LedgerEntry.id)))

    def sign_in(self, context: BrowserContext, pin: str = CASHIER) -> Page:
        """Leaves the page of the till open, able to live without a network from here on."""
        page = context.new_page()
        page.goto(f"{self.address}/till")
        return self.sign_in_here(page, pin)

    def sign_in_here(self, page: Page, pin: str = CASHIER) -> Page:
        page.fill("#pin", pin)
        page.press("#pin", "Enter")
        ready(page)
        return page

    def person(self, name: str) -> Staff:
        with self.shop.services.sessions.read() as session:
            return session.scalars(select(Staff).where(Staff.name == name)).one()

    @contextmanager
    def pocket(self, browser: Browser) -> Iterator[BrowserContext]:
        """A guest's phone, at night."""
        with browser.new_context(
            viewport={"width": 390, "height": 844},
            device_scale_factor=SHARP,
            user_agent=IPHONE,
            color_scheme="dark",
        ) as context:
            yield context


@contextmanager
def open_counter(folder: Path, **settings: str) -> Iterator[Counter]:
    clock = ThisMachine()
    app = create_app(make_settings(folder, **settings), clock=clock)
    site = Site(app, Shop(app.extensions["wallet"], clock))
    open_up(site)
    with site.served() as address:
        yield Counter(site, address)
    site.shop.services.sessions.close()


def ready(page: Page) -> None:
    expect(page).to_have_url(re.compile("/till$"))
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
