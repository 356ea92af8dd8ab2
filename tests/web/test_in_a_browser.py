"""The pages in a real browser: with scripts, without them, on phones and on desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.site import ADMIN, CASHIER, Site

SHOTS = Path("build/screenshots")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with site.served() as address:
        yield address


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"web-{name}.png", full_page=True)


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/till/sign-in?then=admin")
    page.fill("#pin", ADMIN)
    page.press("#pin", "Enter")
    expect(page).to_have_url(f"{address}/office")


LOOKS = [("en", "light", 390), ("ru", "dark", 1280), ("ru", "dark", 320)]


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_everything_fits_and_can_be_touched(
    browser: Browser, site: Site, address: str, language: str, scheme: str, width: int
) -> None:
    with browser.new_context(
        locale=language,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 800},
        user_agent=IPHONE if width < 700 else None,
    ) as context:
        page = context.new_page()
        for step in walk(site, page, address):
            shot(page, f"{language}-{scheme}-{width}-{step}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, step
            small = page.eval_on_selector_all(
                ".till .button, .keypad button",
                "all => all.filter(one => one.offsetHeight && one.offsetHeight < 64).length",
            )
            assert small == 0, step


def walk(site: Site, page: Page, address: str) -> Iterator[str]:
    """Everybody's way, once: member, cashier, manager."""
    page.goto(f"{address}/")
    yield "welcome"
    page.goto(f"{address}/join/coffee")
    yield "join"
    card = site.shop.join("Anna Petrova")
    page.goto(address + site.page_of(card))
    yield "card"
    page.goto(f"{address}/till")
    yield "sign-in"
    sign_in(page, address)
    yield "office"
    yield from other_programs(site, page, address)


def other_programs(site: Site, page: Page, address: str) -> Iterator[str]:
    """Rewards to choose from, rules, a correction."""
    site.run("tiers", adjustment_limit=10)
    card = site.shop.join("Anna Petrova")
    site.shop.earn(card, total=9_000_000)
    site.shop.earn(card, total=45_000)
    page.goto(address + site.page_of(card))
    yield "card-with-tier"
    page.goto(f"{address}/join/tiers/rules")
    yield "rules"
    page.goto(f"{address}/office/cards/{card}")
    page.fill("#points", "20")
    page.fill("#reason", "the till was broken on Friday")
    page.press("#reason", "Enter")
    expect(page.locator(".wrong")).to_be_visible()
    yield "correction"


def test_without_scripts_members_lack_nothing_and_the_till_says_what_it_needs(
    browser: Browser, address: str
) -> None:
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        page = context.new_page()
        page.goto(f"{address}/join/coffee")
        page.locator("form button").click()
        expect(page.locator("body")).to_contain_text("2 of 12")
        page.goto(f"{address}/till")
        page.fill("#pin", CASHIER)
        page.locator("form .button").click()
        expect(page.locator("main")).to_contain_text("The till needs JavaScript")


def test_an_open_card_page_moves_by_itself(page: Page, site: Site, address: str) -> None:
    card = site.shop.join()
    page.goto(address + site.page_of(card) + "?lang=en")
    expect(page.locator(".card-sum")).to_contain_text("2 of 12")
    site.shop.earn(card)
    expect(page.locator(".card-sum")).to_contain_text("3 of 12", timeout=8_000)
    expect(page.locator(".history li")).to_have_count(2)
