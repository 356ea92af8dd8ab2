"""What a cashier chooses from the menu: practice, sounds, the left hand."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Desk
from wallet_service.db.tables import LedgerEntry


def test_practice_looks_striped_and_books_nothing(desk: Desk) -> None:
    before = desk.site.count(LedgerEntry)
    desk.page.locator("[data-go=menu]").click()
    desk.part("[data-do=practice]").click()
    desk.press("Escape")
    stripes = desk.page.evaluate("getComputedStyle(document.body).backgroundImage")
    assert stripes.startswith("repeating-linear-gradient")
    asked = len(desk.posts())
    desk.part("[data-do=madeUp]").click()
    desk.on("screen-card")
    for _ in range(3):
        desk.press("F3")
        desk.on("screen-booked")
    desk.press("F4")
    desk.sees("Given")
    desk.press("F8")
    desk.sees("Taken back")
    assert (len(desk.posts()), desk.site.count(LedgerEntry)) == (asked, before)


def test_four_sounds_tell_what_happened_and_can_be_switched_off(desk: Desk) -> None:
    desk.listens()
    desk.scan_card(desk.shop.join())
    desk.on("screen-booked")
    desk.scan(desk.slip())
    desk.on("no-bad-card-number")
    desk.scan(too_soon_to_ask(desk))
    desk.on("screen-ask")
    assert desk.page.evaluate("heard") == ["read", "success", "read", "error", "read", "attention"]
    desk.page.locator("[data-go=menu]").click()
    desk.part("[data-do=sounds]").click()
    expect(desk.part("[data-switch=sounds]")).to_have_attribute("aria-checked", "false")
    desk.page.reload()
    desk.page.locator("[data-go=menu]").click()
    expect(desk.part("[data-switch=sounds]")).to_have_attribute("aria-checked", "false")


def too_soon_to_ask(desk: Desk) -> str:
    card = desk.shop.join()
    desk.shop.earn(card)
    return desk.number(card)


def test_the_till_of_a_left_hand_has_its_keys_on_the_left(desk: Desk) -> None:
    desk.page.locator("[data-go=menu]").click()
    desk.part("[data-do=hand]").click()
    desk.press("Escape")
    desk.scan_card(desk.other("points-shop").join())
    desk.on("screen-card")
    keys, card = desk.part(".keypad").bounding_box(), desk.part(".card").bounding_box()
    assert keys is not None
    assert card is not None
    assert keys["x"] < card["x"]
