"""For hands, eyes and ears: sizes, contrast, zoom, focus and what is said aloud, on every screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk, Scheme, desk_at
from tests.web.site import Site
from wallet_service.domain.identifiers import card_number

SHOTS = Path("build/screenshots")
NOTICED = {"serious", "critical"}
SMALL = """() => [...document.querySelectorAll('button, a, summary, .keypad button, input:not([type=radio])')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
    .filter((one) => one.getBoundingClientRect().height < (one.closest('.keypad') ? 72 : 64))
    .map((one) => one.outerHTML.slice(0, 80))"""


def walk(desk: Desk) -> Iterator[str]:
    """Every screen that a cashier can come to, once."""
    desk.site.clock.forward(days=1)
    shop = desk.shop.next_door(scan_books=False, step_up_above=5)
    yield "waiting"
    desk.part("[data-do=number]").click()
    desk.page.fill("#number", "1000 0000 0000 0000 000")
    yield "number"
    desk.press("Escape")
    desk.part("[data-do=search]").click()
    desk.page.fill("#digits", "0000")
    desk.press("Enter")
    expect(desk.part(".wrong")).to_be_visible()
    yield "search"
    desk.press("Escape")
    yield from cards(desk, shop)
    yield from noes(desk)
    yield from menus(desk)


def cards(desk: Desk, shop: Any) -> Iterator[str]:
    ready = shop.join("Anna Petrova")
    shop.earn(ready, visits=10)
    desk.site.clock.forward(hours=1)
    desk.scan_card(ready)
    desk.on("screen-card")
    yield "card"
    desk.part("[data-do=adjust]").click()
    yield "adjust"
    desk.press("Escape")
    desk.press("F4")
    desk.on("screen-proof")
    yield "proof"
    desk.press("Escape")
    desk.on("screen-card")
    desk.page.fill("#amount", "350")
    desk.press("Enter")
    desk.on("screen-booked")
    yield "booked"
    desk.part("[data-do=again]").click()
    desk.on("screen-card")
    desk.page.fill("#amount", "350")
    desk.press("Enter")
    desk.on("screen-ask")
    yield "ask"
    desk.press("Escape")
    desk.on("screen-card")
    desk.scan("t=20261102T1100&s=350.50&fn=9960440301234567&i=12345&fp=3522207165&n=2")
    desk.on("screen-refund")
    yield "refund"
    desk.press("Escape")


def noes(desk: Desk) -> Iterator[str]:
    """They share one form: one of each way out."""
    desk.scan(card_number(f"not here {desk.site.clock()}".encode()))
    desk.on_any("no-unknown-card", "no-other")
    yield "unknown"
    desk.press("Escape")
    desk.scan("4006381333931")
    desk.on("no-foreign-card")
    yield "foreign"
    desk.press("Escape")


def menus(desk: Desk) -> Iterator[str]:
    desk.page.locator("[data-go=menu]").click()
    desk.on("screen-menu")
    yield "menu"
    desk.part("[data-do=queue]").click()
    desk.on("screen-queue")
    yield "queue"
    desk.press("Escape")
    desk.page.locator("[data-go=menu]").click()
    desk.part("[data-do=practice]").click()
    desk.press("Escape")
    yield "practice"
    desk.part("[data-do=madeUp]").click()
    desk.on("screen-card")
    desk.press("F3")
    desk.on("screen-booked")
    yield "practice-booked"
    desk.page.context.set_offline(True)
    desk.page.locator("[data-go=menu]").click()
    desk.part("[data-do=practice]").click()
    desk.press("Escape")
    desk.scan_card(desk.shop.join())
    desk.on("screen-offline")
    yield "offline"
    desk.press("F3")
    desk.on_any("screen-kept", "no-cannot-keep")
    yield "kept"


LOOKS: list[tuple[str, Scheme, int, int]] = [
    ("en", "light", 1280, 800),
    ("ru", "dark", 360, 740),
    ("en", "dark", 820, 1180),
    ("ru", "light", 640, 400),  # a till PC at 200 %
]


@pytest.mark.parametrize(("language", "scheme", "width", "height"), LOOKS)
def test_axe_finds_nothing_serious_and_every_button_can_be_hit(
    browser: Browser, shop_site: Site, language: str, scheme: Scheme, width: int, height: int
) -> None:
    with desk_at(browser, shop_site, language=language, scheme=scheme, width=width, height=height) as desk:
        desk.page.emulate_media(reduced_motion="reduce")
        for step in walk(desk):
            SHOTS.mkdir(parents=True, exist_ok=True)
            desk.page.screenshot(path=SHOTS / f"till-{language}-{scheme}-{width}-{step}.png")
            assert faults(desk) == [], step
            assert desk.page.evaluate("document.documentElement.scrollWidth") <= width, step
            assert desk.page.evaluate(SMALL) == [], step


def faults(desk: Desk) -> list[str]:
    found = Axe().run(desk.page).response["violations"]
    return [
        f"{one['id']}: {node['html']}" for one in found if one["impact"] in NOTICED for node in one["nodes"]
    ]


def test_a_phone_at_twice_the_size_scrolls_one_way_only(browser: Browser, shop_site: Site) -> None:
    with desk_at(browser, shop_site, language="ru", width=180, height=370) as desk:
        for step in walk(desk):
            assert desk.page.evaluate("document.documentElement.scrollWidth") <= 180, step


def test_a_till_pc_shows_a_card_and_its_keys_without_scrolling(desk: Desk) -> None:
    shop = desk.shop.next_door(scan_books=False)
    card = shop.join()
    shop.earn(card, visits=10)
    desk.site.clock.forward(hours=1)
    desk.scan_card(card)
    desk.on("screen-card")
    assert desk.page.evaluate("document.documentElement.scrollHeight") <= 800


def test_results_are_said_aloud_and_the_cursor_stands_where_work_goes_on(desk: Desk) -> None:
    shop = desk.shop.next_door(scan_books=False)
    desk.scan_card(shop.join("Anna Petrova"))
    desk.on("screen-card")
    expect(desk.part("#amount")).to_be_focused()
    expect(desk.page.locator("#said")).to_contain_text("A. P. 2 of 12, 10 to go")
    bar = desk.part("[role=progressbar]")
    expect(bar).to_have_attribute("aria-valuetext", "2 of 12, 10 to go")
    expect(bar).to_have_attribute("aria-valuenow", "2")
    desk.press("F3")
    desk.on("screen-booked")
    expect(desk.page.locator("#said")).to_have_text(re.compile(r"Booked\. \+1\sstamp\. .*3 of 12, 9 to go\."))
    expect(desk.part("h1")).to_be_focused()
    desk.scan("4006381333931")
    desk.on("no-foreign-card")
    expect(desk.page.locator("#alarm")).not_to_be_empty()
    expect(desk.page.locator("#said")).to_be_empty()


def test_nothing_moves_for_those_who_asked_for_stillness(desk: Desk) -> None:
    desk.page.emulate_media(reduced_motion="reduce")
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert desk.page.evaluate(moving) == 0


def test_the_page_speaks_the_language_that_was_chosen(desk: Desk) -> None:
    desk.page.locator("[data-go=menu]").click()
    desk.part("a[hreflang=ru]").click()
    desk.on("screen-waiting")
    desk.sees("Следующую карту, пожалуйста")
    expect(desk.page.locator("html")).to_have_attribute("lang", "ru")
