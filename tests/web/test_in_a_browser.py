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


def sign_in(page: Page, address: str, pin: str = CASHIER) -> None:
    page.goto(f"{address}/till")
    page.fill("#pin", pin)
    page.press("#pin", "Enter")
    expect(page.locator("#number")).to_be_focused()


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
    sign_in(page, address, ADMIN)
    yield "till"
    page.fill("#number", "1234")
    page.press("#number", "Enter")
    yield "wrong-number"
    site.shop.earn(card, visits=9)
    page.fill("#number", site.shop.face(card).number)
    page.press("#number", "Enter")
    yield "at-till"
    page.locator(".visit").click()
    expect(page.locator(".done")).to_be_visible()
    yield "booked"
    page.goto(f"{address}/office")
    yield "office"
    yield from other_programs(site, page, address)


def other_programs(site: Site, page: Page, address: str) -> Iterator[str]:
    """Rewards to choose from, rules, money at the till, a correction."""
    site.run("tiers", adjustment_limit=10)
    card = site.shop.join("Anna Petrova")
    site.shop.earn(card, total=9_000_000)
    site.shop.earn(card, total=45_000)
    page.goto(address + site.page_of(card))
    yield "card-with-tier"
    page.goto(f"{address}/join/tiers/rules")
    yield "rules"
    site.run("cashback", pending_days=0)
    payer = site.shop.join()
    site.shop.earn(payer, total=1_234_500)
    page.goto(f"{address}/till/cards/{payer}")
    page.fill("#amount", "1250,50")
    page.locator("[formaction]").click()
    expect(page.locator(".quote")).to_be_visible()
    yield "quote"
    page.goto(f"{address}/office/cards/{card}")
    page.fill("#points", "20")
    page.fill("#reason", "the till was broken on Friday")
    page.press("#reason", "Enter")
    expect(page.locator(".wrong")).to_be_visible()
    yield "correction"


def test_without_scripts_all_of_it_works(browser: Browser, site: Site, address: str) -> None:
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        page = context.new_page()
        page.goto(f"{address}/join/coffee")
        card = site.shop.join()
        sign_in(page, address)
        page.fill("#number", site.shop.face(card).number)
        page.click(".scan .button")
        page.fill("#amount", "250,50")
        page.click(".amount > .button")
        expect(page.locator("body")).to_contain_text("+1 stamp")
        page.click(".undo button")
        expect(page.locator("body")).to_contain_text("Taken back: −1 stamp")
        page.click(".after a")
        page.click(".visit")
        expect(page.locator("body")).to_contain_text("3 of 12, 9 to go")


def test_a_scanner_is_heard_wherever_the_cursor_stands(page: Page, site: Site, address: str) -> None:
    first, second = site.shop.join("First Member"), site.shop.join("Second Member")
    sign_in(page, address)
    page.fill("#number", site.shop.face(first).number)
    page.press("#number", "Enter")
    expect(page.locator(".card")).to_contain_text("F. M.")
    page.focus("#amount")
    page.keyboard.type(site.shop.face(second).number)
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_contain_text("S. M.")
    page.goto(f"{address}/till")
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.type(site.shop.face(second).number)
    page.keyboard.press("Enter")  # within five seconds: the same scan
    page.wait_for_timeout(300)
    assert page.url == f"{address}/till"


def test_the_keypad_types_the_keys_work_and_the_countdown_runs(page: Page, site: Site, address: str) -> None:
    card = site.shop.join()
    sign_in(page, address)
    page.goto(f"{address}/till/cards/{card}")
    page.keyboard.press("F2")
    expect(page.locator("#amount")).to_be_focused()
    for key in ("3", "0", "0", ",", "5"):
        page.click(f"[data-key='{key}']")
    page.click("[data-key=back]")
    expect(page.locator("#amount")).to_have_value("300,")
    page.click("[data-key=back]")
    page.keyboard.press("F2")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_contain_text("+1")
    left = page.locator("[data-left]")
    expect(left).to_have_text("58", timeout=5_000)
    page.keyboard.press("F8")
    expect(page.locator(".done")).to_contain_text("−1")


def test_a_nervous_finger_books_once(page: Page, site: Site, address: str) -> None:
    card = site.shop.join()
    sign_in(page, address)
    page.goto(f"{address}/till/cards/{card}")
    page.dblclick(".visit")
    expect(page.locator(".done")).to_be_visible()
    assert site.shop.face(card).progress.value == 3


def test_an_open_card_page_moves_by_itself(page: Page, site: Site, address: str) -> None:
    card = site.shop.join()
    page.goto(address + site.page_of(card) + "?lang=en")
    expect(page.locator(".card-sum")).to_contain_text("2 of 12")
    site.shop.earn(card)
    expect(page.locator(".card-sum")).to_contain_text("3 of 12", timeout=8_000)
    expect(page.locator(".history li")).to_have_count(2)
