"""A receipt at the scanner fills the amount in, counts once, and leads to the refund when goods come back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import CAREFUL, Desk


def test_a_receipt_fills_the_amount_and_counts_once(desk: Desk) -> None:
    desk.lists_receipts()
    shop = desk.other("points-shop")
    desk.scan_card(shop.join())
    desk.on("screen-card")
    desk.scan(desk.receipt("350.50", 71))
    expect(desk.part("#amount")).to_have_value("350,50")
    desk.sees("Receipt of")
    desk.press("Enter")
    desk.on("screen-booked")
    desk.press("Escape")
    desk.scan_card(shop.join())
    desk.on("screen-card")
    desk.scan(desk.receipt("350.50", 71))
    desk.press("Enter")
    desk.on("no-receipt-already-booked")


def test_the_same_receipt_on_the_same_card_says_that_it_was_booked_before(desk: Desk) -> None:
    desk.lists_receipts()
    card = desk.other("points-shop").join()
    receipt = desk.receipt("350.50", 75)
    desk.scan_card(card)
    desk.on("screen-card")
    desk.scan(receipt)
    desk.press("Enter")
    desk.on("screen-booked")
    once = desk.points(card)
    desk.press("Escape")
    desk.scan_card(card)
    desk.on("screen-card")
    desk.listens()
    desk.scan(receipt)
    expect(desk.part("#amount")).to_have_value("350,50")
    desk.press("Enter")
    desk.sees("This receipt was booked before")
    expect(desk.part(".done")).to_have_attribute("data-tone", "warn")
    expect(desk.part(".undo")).to_be_hidden()
    assert desk.page.evaluate("heard") == ["read", "attention"]
    assert desk.points(card) == once


def test_the_receipt_of_goods_that_came_back_leads_to_the_refund(desk: Desk) -> None:
    desk.lists_receipts()
    card = desk.other("points-shop").join()
    desk.scan_card(card)
    desk.on("screen-card")
    desk.scan(desk.receipt("480.00", 72))
    expect(desk.part("#amount")).to_have_value("480")
    desk.press("Enter")
    desk.on("screen-booked")
    desk.sees("+24 points")
    earned = desk.points(card)
    desk.part("[data-do=again]").click()
    desk.on("screen-card")
    desk.scan(desk.receipt("480.00", 73, n=2))
    desk.on("screen-refund")
    desk.sees("₽480 ·")
    desk.page.wait_for_timeout(CAREFUL)
    desk.press("Enter")
    desk.sees("Refund: −24 points")
    assert desk.points(card) == earned - 24


def test_a_receipt_before_the_card_is_told_to_wait(desk: Desk) -> None:
    desk.scan(desk.receipt("350.00", 74))
    desk.on("no-card-first")
