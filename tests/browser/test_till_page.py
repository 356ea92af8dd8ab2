"""What cashiers do all day: scan, type, done; give, undo, and every no on a plain screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.house.tree import ROOT
from tests.shop import Shop
from tests.web.site import ADMIN, NUMBER
from tests.web.till import list_drive, make_mine
from wallet_service.actions.block import block
from wallet_service.actions.once import Actor
from wallet_service.actions.rekey import rekey
from wallet_service.db import queries
from wallet_service.db.tables import FiscalDrive, LedgerEntry
from wallet_service.domain.identifiers import card_number

MANAGER = Actor("staff:2")
SIGNS = ("icon", "word", "sentence", "way out")


def other(desk: Desk, name: str, **changes: Any) -> Shop:
    """One of the worked programs beside the demo."""
    body = json.loads((ROOT / f"docs/programs/{name}.json").read_text())
    shop = replace(desk.shop, program=f"{name}-{next(desk.shop.keys)}")
    shop.publish(**{"welcome": 0, "visit_minimum": 0, "rewards": []} | body | changes)
    return shop


def test_a_stamp_takes_one_action_and_one_more_takes_one_more(desk: Desk) -> None:
    card = desk.shop.join("Anna Petrova")
    desk.scan_card(card)
    desk.on("screen-booked")
    desk.sees("+1 stamp")
    desk.sees("3 of 12, 9 to go")
    desk.press("F3")
    desk.sees("4 of 12, 8 to go")
    assert desk.points(card) == 4


def test_an_amount_takes_two_actions_and_shows_points_and_why(desk: Desk) -> None:
    card = other(desk, "points-shop").join("Anna Petrova")
    desk.scan_card(card)
    desk.on("screen-card")
    desk.types("350")
    desk.press("Enter")
    desk.on("screen-booked")
    expect(desk.part(".done")).to_have_attribute("data-tone", "good")
    expect(desk.part(".done h1")).to_contain_text("+")
    expect(desk.part(".done .why")).not_to_be_empty()
    expect(desk.part("[data-left]")).to_have_text(re.compile(r"[1-5]\d|60"))
    assert [request.url.rsplit("/", 1)[1] for request in desk.posts() if "/cards/" in request.url][
        -1
    ] == "purchases"


def test_the_keypad_on_the_glass_writes_the_amount(desk: Desk) -> None:
    card = other(desk, "points-shop").join()
    desk.scan_card(card)
    desk.on("screen-card")
    for key in ("2", "5", "0", ",", "5", "back"):
        desk.part(f"[data-key='{key}']").click()
    expect(desk.part("#amount")).to_have_value("250,")
    desk.part("[data-key=back]").click()
    desk.part("[data-busy]").click()
    desk.on("screen-booked")


def test_undo_within_a_minute_takes_one_press_and_afterwards_a_manager(desk: Desk) -> None:
    card = desk.shop.join()
    desk.scan_card(card)
    desk.on("screen-booked")
    desk.press("F8")
    desk.sees("Taken back")
    assert desk.points(card) == 2
    desk.press("Escape")
    desk.scan_card(again := desk.shop.join())
    desk.on("screen-booked")
    desk.site.clock.forward(minutes=2)
    desk.press("F8")
    desk.on("screen-late")
    desk.page.fill("#pin", "1111")
    desk.press("Enter")
    expect(desk.part(".wrong")).to_be_visible()
    desk.page.fill("#pin", ADMIN)
    desk.press("Enter")
    desk.sees("Taken back")
    assert desk.points(again) == 2


def a_full_card_on(desk: Desk) -> str:
    card = desk.shop.join()
    desk.shop.earn(card, visits=10)
    desk.site.clock.forward(hours=1)
    desk.scan_card(card)
    desk.on("screen-card")
    return card


def test_a_ready_reward_is_one_amber_button_and_begins_a_new_round(desk: Desk) -> None:
    a_full_card_on(desk)
    give = desk.page.locator(".give")
    expect(give).to_have_count(1)
    expect(give).to_contain_text("Free coffee")
    desk.press("F4")
    desk.on("screen-booked")
    desk.sees("Given")
    desk.sees("2 of 12, 10 to go")


def test_a_reward_of_weight_wants_a_second_proof(desk: Desk) -> None:
    shop = desk.shop.next_door(step_up_above=5)
    card = shop.join()
    shop.earn(card, visits=10)
    desk.site.clock.forward(hours=1)
    desk.scan_card(card)
    desk.on("screen-card")
    desk.press("F4")
    desk.on("screen-proof")
    desk.page.fill("#pin", ADMIN)
    desk.press("Enter")
    desk.sees("Given")


def test_a_second_purchase_is_asked_about_with_time_and_amount(desk: Desk) -> None:
    card = other(desk, "points-shop").join()
    desk.scan_card(card)
    buys(desk, "350", "screen-booked")
    once = desk.points(card)
    desk.part("[data-do=again]").click()
    buys(desk, "350", "screen-ask")
    desk.sees("350")
    expect(desk.part("[data-do=yes]")).to_be_focused()
    desk.part("[data-do=back]").click()
    desk.on("screen-card")
    assert desk.points(card) == once


def buys(desk: Desk, amount: str, then: str) -> None:
    desk.on("screen-card")
    desk.page.fill("#amount", amount)
    desk.press("Enter")
    desk.on(then)


def test_the_same_code_within_five_seconds_is_one_scan_and_says_so(desk: Desk) -> None:
    card = desk.shop.join()
    desk.scan_card(card)
    desk.on("screen-booked")
    desk.scan_card(card)
    expect(desk.page.locator("#notice")).to_contain_text("The same code again")
    assert len(desk.posts("/till/scans")) == 1
    assert desk.points(card) == 3


def test_a_receipt_fills_the_amount_and_counts_once(desk: Desk) -> None:
    listed(desk)
    shop = other(desk, "points-shop")
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
    listed(desk)
    card = other(desk, "points-shop").join()
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
    hears(desk)
    desk.scan(receipt)
    expect(desk.part("#amount")).to_have_value("350,50")
    desk.press("Enter")
    desk.sees("This receipt was booked before")
    expect(desk.part(".done")).to_have_attribute("data-tone", "warn")
    expect(desk.part(".undo")).to_be_hidden()
    assert desk.page.evaluate("heard") == ["read", "attention"]
    assert desk.points(card) == once


def hears(desk: Desk) -> None:
    desk.page.evaluate(
        "window.heard = []; document.addEventListener('till:sound', ({ detail }) => heard.push(detail))"
    )


def test_the_receipt_of_goods_that_came_back_leads_to_the_refund(desk: Desk) -> None:
    listed(desk)
    card = other(desk, "points-shop").join()
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


CAREFUL = 450
"""Milliseconds in which a question takes no answer, so that the press that asked it does not."""


def listed(desk: Desk) -> None:
    if not desk.site.count(FiscalDrive):
        list_drive(desk.site)


def test_a_nervous_finger_books_once(desk: Desk) -> None:
    card = desk.shop.next_door(scan_books=False).join()
    desk.scan_card(card)
    desk.on("screen-card")
    desk.part("[data-do=visit]").dblclick()
    desk.on("screen-booked")
    assert (desk.points(card), len(desk.posts("/purchases"))) == (3, 1)


def test_a_receipt_before_the_card_is_told_to_wait(desk: Desk) -> None:
    desk.scan(desk.receipt("350.00", 74))
    desk.on("no-card-first")


def test_a_typed_number_is_grouped_and_checked_before_anybody_is_asked(desk: Desk) -> None:
    card = desk.shop.join()
    number = desk.number(card)
    desk.types(number[:9])
    expect(desk.part("#number")).to_have_value(f"{number[:4]} {number[4:8]} {number[8]}")
    desk.page.fill("#number", number[:17] + swapped(number[17:]))
    expect(desk.part(".wrong")).to_contain_text("One digit is wrong")
    desk.page.fill("#number", number[:18])
    desk.press("Enter")
    expect(desk.part(".wrong")).to_contain_text("Some digits are missing")
    assert desk.posts("/till/scans") == []
    desk.page.fill("#number", number)
    desk.on("screen-booked")


def swapped(two: str) -> str:
    return two[::-1] if two[0] != two[1] else str((int(two) + 1) % 100).zfill(2)


def test_a_member_without_phone_is_found_by_its_last_digits(desk: Desk) -> None:
    desk.part("[data-do=search]").click()
    desk.types("000")
    desk.press("Enter")
    expect(desk.part(".wrong")).to_contain_text("at least 4 digits")
    desk.types("0")
    desk.press("Enter")
    expect(desk.part(".wrong")).to_contain_text("Nobody with these digits")
    card = desk.shop.next_door(scan_books=False).join("Anna Petrova")
    with desk.shop.services.sessions.begin() as session:
        member = queries.card(session, card).member
        member.phone, member.phone_tail = "+79161234567", "4567"
    desk.page.fill("#digits", "4567")
    desk.press("Enter")
    expect(desk.part(".found")).to_contain_text("A. P.")
    expect(desk.part(".found")).not_to_contain_text("916")
    desk.part(".found button").click()
    desk.on("screen-card")


def test_points_pay_a_part_of_the_receipt(desk: Desk) -> None:
    shop = other(desk, "cashback", pending_days=0)
    card = shop.join()
    shop.earn(card, total=1_234_500)
    desk.site.clock.forward(hours=1)
    desk.scan_card(card)
    desk.on("screen-card")
    desk.types("1250,50")
    expect(desk.part(".pay")).to_contain_text("Pay with points")
    desk.part("[data-do=pay]").click()
    desk.on("screen-pay")
    desk.page.fill("#points", "150,50")
    before = desk.points(card)
    desk.press("Enter")
    desk.on("screen-booked")
    assert before - desk.points(card) == 15050


def closed(desk: Desk) -> str:
    card = desk.shop.join()
    number = desk.number(card)
    desk.shop.leave(card)
    return number


def blocked(desk: Desk) -> str:
    card = desk.shop.join()
    with desk.shop.services.sessions.begin() as session:
        block(session, card=card, reason="lost", actor=MANAGER, now=desk.site.clock())
    return desk.number(card)


def replaced(desk: Desk) -> str:
    number = desk.number(card := desk.shop.join())
    services = desk.shop.services
    with services.sessions.begin() as session:
        rekey(
            session,
            card=card,
            reason="photographed",
            wallets=services.wallets,
            entropy=services.entropy,
            actor=MANAGER,
            now=desk.site.clock(),
        )
    return number


def mine(desk: Desk) -> str:
    card = desk.shop.join()
    make_mine(desk.site, card)
    return desk.number(card)


def too_soon(desk: Desk) -> str:
    shop = desk.shop.next_door(guards={"refuse": ["repeat"]})
    card = shop.join()
    shop.earn(card)
    return desk.number(card)


def run_out(desk: Desk) -> str:
    return desk.number(desk.shop.next_door(rotating_code=True).join()) + "00000000"


def slip(desk: Desk) -> str:
    number = desk.number(desk.shop.join())
    return number[:17] + swapped(number[17:])


SCREENS: list[tuple[str, Callable[[Desk], str]]] = [
    ("card-not-active", closed),
    ("card-blocked", blocked),
    ("card-replaced", replaced),
    ("own-card", mine),
    ("guard-refused", too_soon),
    ("code-ran-out", run_out),
    ("bad-card-number", slip),
    ("unknown-card", lambda _: card_number(b"another shop 123")),
    ("foreign-card", lambda _: "4006381333931"),
    ("foreign-card", lambda _: "https://example.com/member/7"),
    ("foreign-card", lambda _: "ABC-DEF-12345"),
]


@pytest.mark.parametrize(("slug", "card"), SCREENS)
def test_each_no_has_a_plain_screen_of_its_own(desk: Desk, slug: str, card: Callable[[Desk], str]) -> None:
    desk.scan(card(desk))
    desk.on(f"no-{slug}")
    expect(desk.part(".seal svg use")).to_have_attribute("href", re.compile("#i-"))
    expect(desk.part("h1")).to_be_focused()
    expect(desk.part("h1")).not_to_be_empty()
    expect(desk.part(".lead")).not_to_be_empty()
    desk.press("Escape")
    desk.on("screen-waiting")


def test_a_reward_that_went_elsewhere_meanwhile_is_told_with_its_figures(desk: Desk) -> None:
    card = a_full_card_on(desk)
    desk.shop.redeem(card)
    desk.press("F4")
    desk.on("no-not-enough-points")
    desk.sees("Still missing: 10")


def test_three_rewards_that_are_ready_leave_room_for_the_button_that_books(desk: Desk) -> None:
    said = {"en": "A cup", "ru": "Чашка"}
    cups = [
        {"id": f"cup-{cost}", "name": said, "until": said, "waiting": said, "cost": cost}
        for cost in (5, 6, 7)
    ]
    shop = other(desk, "points-shop", rewards=cups, welcome=0)
    card = shop.join()
    shop.earn(card, total=1_000_000)
    desk.site.clock.forward(hours=1)
    desk.types(desk.number(card))
    desk.on("screen-card")
    expect(desk.page.locator(".give")).to_have_count(3)
    books = desk.part(".book-row").bounding_box()
    assert books is not None
    assert books["y"] + books["height"] <= 800


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
    hears(desk)
    desk.scan_card(desk.shop.join())
    desk.on("screen-booked")
    desk.scan(slip(desk))
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


def test_what_a_guard_asks_about_a_scan_is_booked_once_it_is_meant(desk: Desk) -> None:
    card = desk.shop.join()
    desk.shop.earn(card)
    desk.scan_card(card)
    desk.on("screen-ask")
    assert desk.points(card) == 3
    desk.page.wait_for_timeout(CAREFUL)
    desk.press("Enter")
    desk.on("screen-booked")
    assert desk.points(card) == 4


def test_the_till_of_a_left_hand_has_its_keys_on_the_left(desk: Desk) -> None:
    desk.page.locator("[data-go=menu]").click()
    desk.part("[data-do=hand]").click()
    desk.press("Escape")
    desk.scan_card(other(desk, "points-shop").join())
    desk.on("screen-card")
    keys, card = desk.part(".keypad").bounding_box(), desk.part(".card").bounding_box()
    assert keys is not None
    assert card is not None
    assert keys["x"] < card["x"]


def test_the_page_holds_nothing_of_the_person_and_no_name_of_a_member(desk: Desk) -> None:
    shell = desk.page.request.get(desk.page.url).text()
    assert not re.search('Mira|csrf_token" value="[^"]', shell)
    desk.scan_card(desk.shop.join("Anna Petrova"))
    desk.on("screen-booked")
    expect(desk.page.locator("#stage")).not_to_contain_text("Petrova")
    assert not NUMBER.search(desk.page.inner_text("#stage"))
