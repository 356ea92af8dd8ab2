"""Fiscal receipts at the till: a sale fills everything in and counts once, a return takes it back once."""

from __future__ import annotations

import pytest

from tests.web.site import Site
from tests.web.till.page import DRIVE, TillPage, fiscal, list_drive, rows, till_page


@pytest.fixture
def page(site: Site) -> TillPage:
    list_drive(site)
    return till_page(site)


def test_a_receipt_says_amount_time_and_its_own_key(site: Site, page: TillPage, card: str) -> None:
    site.clock.forward(minutes=5)
    screen = page.press(card, "purchases", receipt=fiscal("350.50", 77))
    assert screen["entry"]["headline"] == "+1\u00a0stamp"
    (row,) = rows(site, "earn")
    assert (row.total, row.receipt) == (35_050, f"{DRIVE}:77:1234567890")
    assert row.occurred_at.isoformat() == "2026-11-02T08:00:00+00:00"  # 11:00 in Moscow


@pytest.mark.parametrize("again", [fiscal("350.50", 77), fiscal("350.50", 77).upper()])
def test_a_receipt_earns_once_whatever_the_key_the_till_or_the_card(
    site: Site, page: TillPage, card: str, again: str
) -> None:
    first = page.press(card, "purchases", receipt=fiscal("350.50", 77))
    elsewhere = till_page(site, name="Olga")
    same = elsewhere.press(card, "purchases", receipt=again)
    assert same["entry"]["id"] == first["entry"]["id"]
    assert (first["entry"]["before"], same["entry"]["before"]) == (False, True)
    assert (same["undo_seconds"], same["more"]) == (0, False)
    page.press(site.shop.join(), "purchases", receipt=again)
    assert (page.status, page.slug) == (409, "receipt-already-booked")
    assert len(rows(site, "earn")) == 1


def test_a_receipt_whose_purchase_was_taken_back_is_used_up(site: Site, page: TillPage, card: str) -> None:
    entry = page.press(card, "purchases", receipt=fiscal("350.50"))["entry"]["id"]
    page.undo(entry)
    page.press(card, "purchases", receipt=fiscal("350.50"))
    assert (page.status, page.slug) == (409, "receipt-already-booked")


def test_a_press_that_is_repeated_with_its_receipt_is_still_the_same_press(page: TillPage, card: str) -> None:
    first = page.press(card, "purchases", key="one", receipt=fiscal("350.50"))
    again = page.press(card, "purchases", key="one", receipt=fiscal("350.50"))
    assert (again["entry"], again["undo_seconds"]) == (first["entry"], first["undo_seconds"])


def test_the_shops_own_system_does_not_count_the_receipt_again(site: Site, page: TillPage, card: str) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50"))
    booked = site.shop.earn(card, total=35_050, receipt=f"{DRIVE}:1:1234567890", store="north")
    assert booked.repeated


def test_an_amount_beside_the_receipt_has_to_be_its_own(page: TillPage, card: str) -> None:
    page.press(card, "purchases", total=35_051, receipt=fiscal("350.50"))
    assert (page.status, page.said["field"]) == (400, "total")
    page.press(card, "purchases", total=35_050, receipt=fiscal("350.50"))
    assert page.status == 200


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_receipt_of_another_shop_is_refused(site: Site, card: str, language: str) -> None:
    page = till_page(site, language)
    page.press(card, "purchases", receipt=fiscal("350.50"))
    assert (page.status, page.slug, page.said["listed"]) == (409, "foreign-receipt", 0)
    not_set_up = page.said["said"]
    list_drive(site)
    page.press(card, "purchases", receipt=fiscal("350.50", drive="9960440309999999"))
    assert (page.status, page.slug, page.said["listed"]) == (409, "foreign-receipt", 1)
    assert "9960440309999999" in page.said["said"]["text"]
    assert page.said["said"] != not_set_up
    assert rows(site, "earn") == []


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("hello", {"part": "t"}),
        (fiscal("350,50"), {"part": "s"}),
        (fiscal("350.50", n=2), {"n": 2}),
        (fiscal("350.50", n=3), {"n": 3}),
        (fiscal("350.50", n=4), {"n": 4}),
    ],
)
def test_what_is_no_receipt_of_a_sale_is_refused(
    site: Site, page: TillPage, card: str, text: str, facts: dict[str, object]
) -> None:
    said = page.press(card, "purchases", receipt=text)
    assert (page.status, page.slug) == (400, "bad-receipt")
    assert said | facts == said
    assert rows(site, "earn") == []


def test_a_receipt_that_lay_about_is_asked_about(site: Site, page: TillPage, card: str) -> None:
    site.clock.forward(minutes=11)
    page.press(card, "purchases", key="one", receipt=fiscal("350.50"))
    assert (page.slug, page.said["flags"]) == ("ask-first", "old-receipt")
    page.press(card, "purchases", key="one", receipt=fiscal("350.50"), confirmed=True)
    assert [row.flags for row in rows(site, "earn")] == ["old-receipt"]


@pytest.mark.parametrize(("at", "slug"), [("20261101T1000", "ask-first"), ("20261030T1000", "bad-time")])
def test_a_receipt_of_days_ago_is_asked_about_or_refused(
    page: TillPage, card: str, at: str, slug: str
) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50", at=at))
    assert page.slug == slug


def test_a_receipt_of_nothing_is_booked_for_nothing(page: TillPage, card: str) -> None:
    assert page.press(card, "purchases", receipt=fiscal("0.00"))["entry"]["points"] == 0


def test_a_return_takes_back_the_one_purchase_that_fits(site: Site, page: TillPage, card: str) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50", 1))
    screen = page.press(card, "refunds", receipt=fiscal("350.50", 2, n=2))
    assert (screen["kind"], screen["entry"]["kind"]) == ("booked", "refund")
    assert screen["entry"]["headline"] == "Refund: \u22121\u00a0stamp"
    assert (screen["undo_seconds"], screen["more"]) == (0, False)
    assert site.shop.face(card).progress.value == 2


def test_a_return_of_a_part_leaves_the_rest(site: Site, page: TillPage, card: str) -> None:
    page.press(card, "purchases", receipt=fiscal("500.00", 1))
    page.press(card, "refunds", receipt=fiscal("100.00", 2, n=2))
    page.press(card, "refunds", receipt=fiscal("150.00", 3, n=2))
    assert [row.total for row in rows(site, "refund")] == [-10_000, -15_000]
    page.press(card, "refunds", receipt=fiscal("250.01", 4, n=2))
    assert (page.status, page.slug) == (404, "unknown-receipt")
    assert "₽250.01" in page.said["said"]["text"]


def test_a_return_counts_once_whatever_the_key_the_till_or_the_card(
    site: Site, page: TillPage, card: str
) -> None:
    slip = fiscal("100.00", 2, n=2)
    page.press(card, "purchases", receipt=fiscal("500.00", 1))
    first = page.press(card, "refunds", key="one", receipt=slip)
    assert page.press(card, "refunds", key="one", receipt=slip) == first
    again = till_page(site, name="Olga").press(card, "refunds", receipt=slip)
    assert again["entry"]["id"] == first["entry"]["id"]
    other = site.shop.join()
    page.press(other, "purchases", receipt=fiscal("500.00", 9))
    page.press(other, "refunds", receipt=slip)
    assert (page.status, page.slug) == (409, "receipt-already-booked")
    assert len(rows(site, "refund")) == 1


def test_where_several_purchases_fit_the_cashier_chooses(site: Site, page: TillPage, card: str) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50", 1))
    site.clock.forward(minutes=20)
    page.press(card, "purchases", total=40_000)
    slip = fiscal("300.00", 3, n=2)
    said = page.press(card, "refunds", key="one", receipt=slip)
    assert (page.status, page.slug) == (409, "choose-receipt")
    latest, first = said["purchases"]
    assert (latest["total_text"], latest["at"]) == ("₽400", "2 November, 11:20")
    assert (first["total_text"], first["receipt"]) == ("₽350.50", f"{DRIVE}:1:1234567890")
    page.press(card, "refunds", key="one", receipt=slip, of=latest["receipt"])
    assert page.status == 200
    assert [row.reverses_id for row in rows(site, "refund")] == [rows(site, "earn")[1].id]


@pytest.mark.parametrize("chosen", ["nothing", "e999", f"{DRIVE}:5:5"])
def test_a_purchase_that_is_none_of_the_cards_cannot_be_chosen(
    site: Site, page: TillPage, card: str, chosen: str
) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50", 1))
    page.press(card, "refunds", receipt=fiscal("350.50", 2, n=2), of=chosen)
    assert (page.status, page.slug) == (404, "unknown-receipt")
    assert rows(site, "refund") == []


def test_what_was_undone_is_not_brought_back(site: Site, page: TillPage, card: str) -> None:
    page.undo(page.press(card, "purchases", receipt=fiscal("350.50", 1))["entry"]["id"])
    page.press(card, "refunds", receipt=fiscal("350.50", 2, n=2))
    assert (page.status, page.slug) == (404, "unknown-receipt")


def test_a_sale_is_no_return(page: TillPage, card: str) -> None:
    page.press(card, "refunds", receipt=fiscal("350.50", 2))
    assert (page.slug, page.said["n"]) == ("bad-receipt", 1)


def test_a_return_of_another_shop_is_refused(page: TillPage, card: str) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50", 1))
    page.press(card, "refunds", receipt=fiscal("350.50", 2, n=2, drive="9960440309999999"))
    assert (page.status, page.slug) == (409, "foreign-receipt")


def test_a_closed_card_still_takes_its_purchase_back(site: Site, page: TillPage, card: str) -> None:
    page.press(card, "purchases", receipt=fiscal("350.50", 1))
    site.shop.leave(card)
    screen = page.press(card, "refunds", receipt=fiscal("350.50", 2, n=2))
    assert (page.status, screen["entry"]["kind"]) == (200, "refund")
