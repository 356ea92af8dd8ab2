"""A desk with a scanner: somebody signed in at the till's page, and the shop behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.scanner import Scanner
from tests.shop import Shop
from tests.web.site import CASHIER, Site
from tests.web.till import fiscal

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


PAUSE = 90
"""Milliseconds between the keys of a quick person: longer than a scanner ever waits."""


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
