"""What the page hears: scanners under every layout, wherever the cursor stands, and people who type."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk, desk_at
from tests.browser.scanner import LAYOUTS, Scanner, strokes
from tests.web.site import Site

RECEIPT = "t=20261102T1100&s=350.50&fn=9960440301234567&i=12345&fp=3522207165&n=1"
MINUTE = 60


@pytest.fixture
def points(desk: Desk) -> str:
    """A card of a program that waits for an amount."""
    desk.lists_receipts()
    return desk.shop.next_door(scan_books=False).join("Anna Petrova")


def test_a_layout_changes_what_keys_write_and_not_where_they_are() -> None:
    written = {layout: "".join(stroke.key for stroke in strokes("t=1&", layout)) for layout in LAYOUTS}
    assert written == {"us": "t=1&", "ru": "е=1?", "de": "tDead1/", "fr": "t=&7"}


@pytest.mark.parametrize("caps", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_number_and_receipt_are_heard_alike_under_every_layout(
    desk: Desk, points: str, layout: str, caps: bool
) -> None:
    desk.scan_card(points, layout=layout, caps=caps)
    desk.on("screen-card")
    desk.scan(RECEIPT, layout=layout, caps=caps)
    expect(desk.part("#amount")).to_have_value("350,50")
    desk.press("Enter")
    desk.on_any("screen-booked", "screen-ask", "no-receipt-already-booked")
    sent = json.loads(desk.posts("/purchases")[-1].post_data or "")
    assert (sent["receipt"], sent["total"]) == (RECEIPT, 35050)
    assert json.loads(desk.posts("/scans")[-1].post_data or "")["code"] == desk.number(points)


@pytest.mark.parametrize("ended", ["Enter", "Tab", ""])
def test_enter_tab_or_a_pause_ends_a_scan(desk: Desk, points: str, ended: str) -> None:
    desk.scan_card(points, ended=ended)
    desk.on("screen-card")


def test_a_scanner_that_names_no_places_is_heard_by_what_it_writes(desk: Desk, points: str) -> None:
    Scanner(desk.page).nameless(desk.number(points))
    desk.on("screen-card")


def test_a_scanner_that_was_set_to_the_layout_of_the_machine_is_heard_too(desk: Desk, points: str) -> None:
    """Such a one holds Shift for the digits of a French keyboard."""
    Scanner(desk.page).shifted(desk.number(points), "fr")
    desk.on("screen-card")


def test_the_very_first_scan_after_the_page_opened_is_whole(browser: Browser, shop_site: Site) -> None:
    with desk_at(browser, shop_site) as desk:
        desk.page.reload()
        desk.on("screen-waiting")
        desk.scan_card(desk.shop.join())
        desk.on("screen-booked")


@pytest.mark.parametrize("gap", [0.07, 0.3])
def test_a_slow_scanner_breaks_no_code(desk: Desk, points: str, gap: float) -> None:
    Scanner(desk.page, gap=gap).scan(desk.number(points))
    desk.on("screen-card")
    expect(desk.part("#amount")).to_have_value("")
    assert len(desk.posts("/scans")) == 1


def test_a_digit_that_waits_while_the_one_before_opens_the_field_is_written_once(desk: Desk) -> None:
    number = desk.number(desk.shop.join())
    typist = Scanner(desk.page, gap=0.09)  # a person on a machine that is busy: both keys wait in line
    typist.scan(number[:9], ended="")
    expect(desk.part("#number")).to_have_value(f"{number[:4]} {number[4:8]} {number[8]}")


def test_digits_that_wait_while_the_amount_gets_the_cursor_are_written_once(desk: Desk, points: str) -> None:
    desk.scan_card(points)
    desk.on("screen-card")
    desk.page.evaluate("document.activeElement.blur()")
    Scanner(desk.page, gap=0.09).scan("350", ended="")
    expect(desk.part("#amount")).to_have_value("350")


def test_a_code_in_two_pieces_is_put_together(desk: Desk, points: str) -> None:
    number = desk.number(points)
    Scanner(desk.page).scan(number[:4], ended="")
    desk.page.wait_for_timeout(120)
    desk.scan(number[4:])
    desk.on("screen-card")


def test_a_code_whose_rest_a_machine_hands_on_too_late_is_put_together(desk: Desk, points: str) -> None:
    number, scanner, began = desk.number(points), Scanner(desk.page), time.time()
    scanner.scan(number[:8], ended="", began=began)
    desk.on("no-bad-card-number")
    scanner.scan(number[8:], began=began + 8 * scanner.gap)
    desk.on("screen-card")


def test_a_foreign_code_in_the_middle_of_an_amount_changes_nothing(desk: Desk, points: str) -> None:
    desk.scan_card(points)
    desk.on("screen-card")
    desk.types("12")
    desk.scan("4006381333931")
    desk.on("no-foreign-card")
    desk.part("[data-do=back]").click()
    desk.on("screen-card")
    expect(desk.part("#amount")).to_have_value("12")


def test_the_next_card_is_heard_while_the_cursor_stands_in_the_amount(desk: Desk, points: str) -> None:
    other = desk.shop.next_door(scan_books=False).join("Second Member")
    desk.scan_card(points)
    desk.on("screen-card")
    desk.types("35")
    desk.scan_card(other)
    expect(desk.part(".card")).to_contain_text("S. M.")
    expect(desk.part("#amount")).to_have_value("")


def test_two_fast_fingers_are_a_person(desk: Desk, points: str) -> None:
    desk.scan_card(points)
    desk.on("screen-card")
    desk.scan("35", ended="")
    expect(desk.part("#amount")).to_have_value("35")
    desk.scan("0", ended="")
    expect(desk.part("#amount")).to_have_value("350")


def test_a_pin_is_no_scan(desk: Desk) -> None:
    card = desk.shop.join()
    desk.scan_card(card)
    desk.on("screen-booked")
    desk.site.clock.forward(seconds=2 * MINUTE)
    desk.press("F8")
    desk.on("screen-late")
    desk.scan("987654")
    desk.sees("Taken back")


def test_the_whole_flow_goes_by_keys_alone(desk: Desk) -> None:
    shop = desk.shop.next_door(scan_books=False)
    card = shop.join()
    desk.types(desk.number(card))
    desk.on("screen-card")
    expect(desk.part("#amount")).to_be_focused()
    desk.press("Tab", "F2")
    expect(desk.part("#amount")).to_be_focused()
    desk.types("250")
    desk.press("Enter")
    desk.on("screen-booked")
    desk.press("F8")
    desk.sees("Taken back")
    desk.press("Escape")
    desk.on("screen-waiting")
    second = shop.join()
    shop.earn(second, visits=10)
    desk.site.clock.forward(hours=1)
    desk.types(desk.number(second))
    desk.on("screen-card")
    desk.press("F4")
    desk.sees("Given")
    desk.press("F8")
    desk.sees("Taken back")
    desk.press("Escape")
    third = shop.join()
    desk.types(desk.number(third))
    desk.on("screen-card")
    desk.press("F3")
    desk.on("screen-booked")
    assert desk.points(third) == 3
