"""A desk with a scanner: somebody signed in at the till's page, and the shop behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.scanner import Scanner
from tests.examples import body
from tests.shop import Shop
from tests.web.site import CASHIER, Site
from tests.web.till.page import fiscal, list_drive
from wallet_service.db.tables import FiscalDrive

SAME_CODE_MS = 5000
Scheme = Literal["light", "dark"]


@dataclass
class Desk:
    site: Site
    page: Page
    asked: list[Request] = field(default_factory=list)

    @property
    def shop(self) -> Shop:
        return self.site.shop

    def other(self, name: str, **changes: Any) -> Shop:
        """One of the worked programs beside the demo."""
        shop = replace(self.shop, program=f"{name}-{next(self.shop.keys)}")
        shop.publish(**{"welcome": 0, "visit_minimum": 0, "rewards": []} | body(name) | changes)
        return shop

    def lists_receipts(self) -> None:
        """Those of this shop's own drive count from here on."""
        if not self.site.count(FiscalDrive):
            list_drive(self.site)

    def slip(self) -> str:
        """A card's number with two digits swapped."""
        number = self.number(self.shop.join())
        return number[:17] + swapped(number[17:])

    def has_a_full_card(self) -> str:
        card = self.shop.join()
        self.shop.earn(card, visits=10)
        self.site.clock.forward(hours=1)
        self.scan_card(card)
        self.on("screen-card")
        return card

    def scan(self, code: str, **how: Any) -> None:
        Scanner(self.page).scan(code, **how)

    def number(self, card: str) -> str:
        return self.shop.face(card).number

    def scan_card(self, card: str, **how: Any) -> None:
        self.scan(self.number(card), **how)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        """As a person does, whatever the machine is doing meanwhile."""
        for character in text:
            self.page.keyboard.press(character, delay=0)
            self.page.wait_for_timeout(PAUSE)

    def on(self, screen: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-screen", screen)
        expect(self.page.locator("#stage")).not_to_have_attribute("aria-busy", "")

    def on_any(self, *screens: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-screen", re.compile("|".join(screens)))

    def part(self, selector: str) -> Locator:
        return self.page.locator(f"#stage {selector}").first

    def sees(self, text: str) -> None:
        expect(self.page.locator("#stage")).to_contain_text(text, use_inner_text=True)

    def listens(self) -> None:
        """What sounds from here on is in the page's own `heard`."""
        self.page.evaluate(
            "window.heard = []; document.addEventListener('till:sound', ({ detail }) => heard.push(detail))"
        )

    def posts(self, ending: str = "") -> list[Request]:
        """What the page sent since it was opened."""
        sent = [request for request in self.asked if request.method == "POST"]
        return [request for request in sent if request.url.endswith(ending)]

    def receipt(self, total: str, number: int, *, n: int = 1) -> str:
        """Printed just now."""
        now = self.site.clock().astimezone(ZoneInfo("Europe/Moscow"))
        return fiscal(total, number, at=f"{now:%Y%m%dT%H%M}", n=n)

    def points(self, card: str) -> int:
        return self.shop.stand(card).standing.balance


def swapped(two: str) -> str:
    """The check digit notices."""
    return two[::-1] if two[0] != two[1] else str((int(two) + 1) % 100).zfill(2)


PAUSE = 90
"""Milliseconds between the keys of a quick person: longer than a scanner ever waits."""
CAREFUL = 450
"""Milliseconds in which a question takes no answer, so that the press that asked it does not."""


@contextmanager
def desk_at(
    browser: Browser,
    site: Site,
    *,
    language: str = "en",
    scheme: Scheme = "light",
    width: int = 1280,
    height: int = 800,
    pin: str = CASHIER,
) -> Iterator[Desk]:
    with (
        site.served() as address,
        browser.new_context(
            locale=language, color_scheme=scheme, viewport={"width": width, "height": height}
        ) as context,
    ):
        page = context.new_page()
        desk = Desk(site, page)
        page.on("request", lambda request: desk.asked.append(request))
        page.goto(f"{address}/till")
        page.fill("#pin", pin)
        page.press("#pin", "Enter")
        desk.on("screen-waiting")
        yield desk
