"""The office for eyes and hands: every page by axe-core, by day and by night, and as narrow as a phone."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from tests.web.site import ADMIN, Site
from wallet_service.actions import tills

PAGES = (
    *("", "/tills", "/tills/block?till=1", "/people", "/people/1", "/second-factor", "/keys", "/look"),
    *("/campaigns", "/campaigns/coffee/start", "/phones", "/status"),
)
NOTICED = {"serious", "critical"}


@pytest.mark.parametrize(
    ("light", "language", "width"), [("light", "en", 1200), ("dark", "ru", 360)], ids=["day", "night"]
)
def test_axe_finds_nothing_serious_and_nothing_sticks_out(
    browser: Browser, shop_site: Site, light: Literal["light", "dark"], language: str, width: int
) -> None:
    with shop_site.served() as base:
        context = browser.new_context(
            color_scheme=light, locale=language, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        found = dict(_signing_in(page, base))
        with shop_site.shop.services.sessions.begin() as session:
            tills.add_till(session, store=1, name=f"Bar {light}", actor="command", now=shop_site.clock())
        for path in PAGES:
            page.goto(f"{base}/office{path}")
            found[path] = _faults(page)
        context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}


def _signing_in(page: Page, base: str) -> list[tuple[str, list[Any]]]:
    page.goto(f"{base}/till/pair")
    pairing = _faults(page)
    page.goto(f"{base}/till/sign-in?then=admin")
    door = _faults(page)
    page.fill("#pin", ADMIN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/office")
    return [("pair", pairing), ("sign-in", door)]


def _faults(page: Page) -> list[Any]:
    seen = Axe().run(page).response["violations"]
    faults: list[Any] = [
        (one["id"], [node["html"][:120] for node in one["nodes"]]) for one in seen if one["impact"] in NOTICED
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append("wider than the screen")
    return faults
