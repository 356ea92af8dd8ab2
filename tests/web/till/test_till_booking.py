"""A cashier books and gives, each press once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.web.site import ADMIN, CASHIER, Site
from tests.web.till.page import EVERY_VERB, TillPage, last_entry, make_mine, rows, till_page
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain.rules import Item


def test_an_amount_is_booked_and_says_what_it_was_worth(site: Site, page: TillPage, card: str) -> None:
    screen = page.press(card, "purchases", total=30_000)
    assert (page.status, screen["kind"]) == (200, "booked")
    assert screen["entry"]["headline"] == "+1\u00a0stamp"
    row = last_entry(site)
    assert (row.total, row.store, row.till, row.actor) == (30_000, "main", "till-1", "staff:1")


def test_a_small_purchase_is_booked_and_says_why_it_earned_nothing(page: TillPage, card: str) -> None:
    entry = page.press(card, "purchases", total=15_000)["entry"]
    assert entry["headline"] == "Purchase: ₽150"
    assert "a visit counts from ₽200, this was ₽50 short" in entry["why"]
    assert entry["nothing"]


def test_a_purchase_that_brings_the_next_tier_closer_is_not_nothing(site: Site, page: TillPage) -> None:
    site.run("growing-discount")
    entry = page.press(site.shop.join(), "purchases", total=125_000)["entry"]
    assert (entry["points"], entry["nothing"]) == (0, False)


def test_what_can_be_spent_later_only_is_told_beside_the_balance(site: Site, page: TillPage) -> None:
    site.run("cashback")
    screen = page.press(site.shop.join(), "purchases", total=100_000)
    assert (screen["entry"]["headline"], screen["card"]["balance"]) == ("+₽50", "₽100")
    assert screen["card"]["pending"] == "Earned, and to be spent later: ₽50."


def test_a_press_that_is_repeated_books_once_and_answers_the_same(
    site: Site, page: TillPage, card: str
) -> None:
    answers = [page.press(card, "purchases", key="one", total=30_000) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert site.count(LedgerEntry) == 2


def test_a_key_for_something_else_is_a_conflict_and_books_nothing(
    site: Site, page: TillPage, card: str
) -> None:
    page.press(card, "purchases", key="one", total=30_000)
    page.press(card, "purchases", key="one", total=40_000)
    assert (page.status, page.slug) == (409, "key-reused")
    assert site.count(LedgerEntry) == 2


def test_S7_fifty_presses_at_once_with_one_key_book_once_and_hear_the_same(site: Site, card: str) -> None:
    page, start = till_page(site), threading.Barrier(50)

    def press(_turn: int) -> tuple[int, Any]:
        client = page.another_tab()
        start.wait()
        answer = client.post(
            f"/till/cards/{card}/purchases",
            json={"key": "one-press", "total": 30_000},
            headers={"X-CSRFToken": page.csrf, "Accept-Language": "en"},
        )
        return answer.status_code, answer.get_json()

    with ThreadPoolExecutor(50) as pool:
        heard = list(pool.map(press, range(50)))
    assert heard[1:] == heard[:-1]
    assert heard[0][0] == 200
    assert site.count(LedgerEntry) == 2


def test_S7_the_same_amount_within_a_minute_is_asked_about(site: Site, page: TillPage, card: str) -> None:
    site.shop.publish(repeat_minutes=0)
    page.press(card, "purchases", total=30_000)
    site.clock.forward(seconds=30)
    said = page.press(card, "purchases", key="second", total=30_000)
    assert (page.status, page.slug, said["flags"]) == (409, "ask-first", "repeat")
    assert said["last_total"] == 30_000
    assert site.count(LedgerEntry) == 2
    page.press(card, "purchases", key="second", total=30_000, confirmed=True)
    assert page.status == 200
    assert last_entry(site).flags == "repeat"


def test_what_the_program_refuses_is_refused_though_it_is_meant(
    site: Site, page: TillPage, card: str
) -> None:
    site.shop.publish(guards={"refuse": ["repeat"]})
    page.press(card, "purchases", visits=1)
    page.press(card, "purchases", visits=1, confirmed=True)
    assert (page.status, page.slug) == (409, "guard-refused")
    assert site.count(LedgerEntry) == 2


def test_the_reward_is_given_when_it_is_ready_and_not_before(site: Site, page: TillPage, card: str) -> None:
    page.press(card, "rewards", reward="coffee")
    assert (page.status, page.slug) == (409, "not-enough-points")
    assert "12\u00a0stamps" in page.said["said"]["text"]
    site.shop.earn(card, visits=10)
    screen = page.press(card, "rewards", reward="coffee")
    assert screen["entry"]["headline"] == "Free coffee: \u221212\u00a0stamps"
    assert (screen["entry"]["kind"], screen["more"], screen["ready"]) == ("redeem", False, [])
    assert site.shop.face(card).progress.value == 2


@pytest.mark.parametrize(("reward", "slug"), [("tea", "unknown-reward"), ("'--", "unknown-reward")])
def test_a_reward_that_is_none_is_told(page: TillPage, card: str, reward: str, slug: str) -> None:
    page.press(card, "rewards", reward=reward)
    assert (page.status, page.slug) == (404, slug)


def test_S23_a_dear_reward_wants_a_manager_or_the_code_of_this_minute(
    site: Site, page: TillPage, card: str
) -> None:
    site.shop.publish(step_up_above=5)
    site.shop.earn(card, visits=10)
    page.press(card, "rewards", key="one", reward="coffee")
    assert (page.status, page.slug) == (409, "step-up-needed")
    page.press(card, "rewards", key="one", reward="coffee", manager_pin=CASHIER)
    assert (page.status, page.slug) == (403, "not-allowed")
    page.press(card, "rewards", key="one", reward="coffee", manager_pin="0000")
    assert (page.status, page.slug) == (400, "wrong-pin")
    page.press(card, "rewards", key="one", reward="coffee", manager_pin=ADMIN)
    assert page.status == 200
    assert last_entry(site).kind == "grant"
    assert {row.approved_by for row in rows(site, "redeem")} == {"staff:2"}


def test_points_pay_as_much_as_the_program_lets_them(site: Site, page: TillPage) -> None:
    site.run("cashback", pending_days=0)
    card = site.shop.join()
    site.shop.earn(card, total=1_000_000)
    said = page.post(f"/cards/{card}/quotes", {"total": 60_000})
    assert (said["total_text"], said["can_pay"], said["can_pay_text"]) == ("₽600", 30_000, "₽300")
    screen = page.press(card, "payments", points=30_000, total=60_000)
    assert screen["entry"]["headline"] == "Paid ₽300: \u2212₽300"
    assert site.shop.stand(card).spendable == 30_000


@pytest.mark.parametrize(
    ("language", "points", "said"),
    [
        ("en", 30_001, "They may pay ₽300 of this receipt."),
        ("ru", 30_001, "Баллами можно оплатить 300\u00a0₽ этого чека."),
        ("en", 5_000, "They pay from ₽100 on."),
        ("ru", 5_000, "Минимум для оплаты: 100\u00a0₽."),
    ],
)
def test_more_or_less_than_points_may_pay_is_told_in_the_programs_money(
    site: Site, language: str, points: int, said: str
) -> None:
    site.run("cashback", pending_days=0)
    card, page = site.shop.join(), till_page(site, language)
    site.shop.earn(card, total=1_000_000)
    page.press(card, "payments", points=points, total=60_000)
    assert (page.status, page.slug) == (409, "cannot-pay-that")
    assert said in page.said["said"]["text"]
    assert site.shop.stand(card).spendable == 60_000


def test_a_quote_tells_the_discount_and_what_would_be_earned_and_books_nothing(
    site: Site, page: TillPage
) -> None:
    site.run("subscription")
    card = site.shop.join()
    site.shop.earn(card, total=100_000, items=(Item("club-month"),))
    before = site.count(LedgerEntry)
    said = page.post(f"/cards/{card}/quotes", {"total": 125_050})
    assert (said["total_text"], said["discount"], said["discount_text"]) == ("₽1,250.50", 12_505, "₽125.05")
    assert said["earn_text"] == "75\u00a0petals"
    assert (said["can_pay"], said["can_pay_text"], said["pays_text"]) == (0, None, None)
    assert said["why"]
    assert site.count(LedgerEntry) == before


@pytest.mark.parametrize("verb", ["quotes", "purchases"])
def test_an_amount_of_nothing_is_refused_with_a_sentence(page: TillPage, card: str, verb: str) -> None:
    page.post(f"/cards/{card}/{verb}", {"total": 0} | ({"key": "one"} if verb == "purchases" else {}))
    assert (page.status, page.slug) == (400, "bad-amount")
    assert page.said["said"]["text"] == "There is nothing to book for 0. Type what was paid."


def test_S9_nobody_serves_their_own_card_in_any_way(site: Site, card: str) -> None:
    site.shop.earn(card, visits=10)
    page = till_page(site)
    entry = page.press(site.shop.join(), "purchases", visits=1)["entry"]["id"]
    make_mine(site, card)
    before = site.count(LedgerEntry)
    for verb, said in EVERY_VERB.items():
        if verb != "refunds":
            page.press(card, verb, **said)
            assert (verb, page.slug) == (verb, "own-card")
    assert site.count(LedgerEntry) == before
    assert page.undo(entry)["entry"]["taken_back"] is True


def test_a_card_that_was_closed_after_the_scan_books_nothing(site: Site, page: TillPage, card: str) -> None:
    site.shop.leave(card)
    page.press(card, "purchases", visits=1)
    assert (page.status, page.slug) == (409, "card-not-active")
