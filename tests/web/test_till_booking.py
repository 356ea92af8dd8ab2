"""A cashier books, gives and takes back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.web.site import ADMIN, CASHIER, Site
from tests.web.till import EVERY_VERB, TillPage, make_mine, new_key, till_page
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain.rules import Item


@pytest.fixture
def page(site: Site) -> TillPage:
    return till_page(site)


@pytest.fixture
def card(site: Site) -> str:
    return site.shop.join()


def last_entry(site: Site) -> LedgerEntry:
    with site.shop.services.sessions.read() as session:
        return session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(1)).one()


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


def rows(site: Site, kind: str) -> list[LedgerEntry]:
    with site.shop.services.sessions.read() as session:
        return list(session.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind)))


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


def test_undo_takes_the_visit_back_within_a_minute(site: Site, page: TillPage, card: str) -> None:
    entry = page.scan(page.number(card))["entry"]["id"]
    site.clock.forward(seconds=59)
    screen = page.undo(entry)
    assert (screen["kind"], screen["entry"]["taken_back"], screen["undo_seconds"]) == ("booked", True, 0)
    assert screen["entry"]["headline"] == "Taken back: \u22121\u00a0stamp"
    assert screen["more"] is False
    assert site.shop.face(card).progress.value == 2


def test_undo_gives_a_reward_back(site: Site, page: TillPage, card: str) -> None:
    site.shop.earn(card, visits=10)
    page.undo(page.press(card, "rewards", reward="coffee")["entry"]["id"])
    assert site.shop.face(card).progress.value == 12


def test_a_repeated_undo_answers_the_same_and_another_one_says_so(page: TillPage, card: str) -> None:
    entry = page.scan(page.number(card))["entry"]["id"]
    assert page.undo(entry, key="one") == page.undo(entry, key="one")
    page.undo(entry)
    assert (page.status, page.slug) == (409, "already-reversed")


def test_a_press_that_was_taken_back_since_says_so_when_it_is_repeated(page: TillPage, card: str) -> None:
    entry = page.press(card, "purchases", key="one", visits=1)["entry"]["id"]
    page.undo(entry)
    again = page.press(card, "purchases", key="one", visits=1)
    assert (again["entry"]["taken_back"], again["undo_seconds"]) == (True, 0)
    assert again["entry"]["why"] == "Taken back at the till."


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Undo works for 60 seconds."), ("ru", "Отмена работает 60 секунд.")]
)
def test_S9_a_late_undo_wants_a_manager_who_is_kept_with_it(
    site: Site, card: str, language: str, said: str
) -> None:
    page = till_page(site, language)
    entry = page.scan(page.number(card))["entry"]["id"]
    site.clock.forward(seconds=61)
    page.undo(entry, key="late")
    assert (page.status, page.slug) == (409, "too-late-to-undo")
    assert said in page.said["said"]["text"]
    page.undo(entry, key="late", manager_pin=CASHIER)
    assert (page.status, page.slug) == (403, "not-allowed")
    assert page.undo(entry, key="late", manager_pin=ADMIN)["entry"]["taken_back"] is True
    assert [row.approved_by for row in rows(site, "reverse")] == ["staff:2"]
    assert site.shop.face(card).progress.value == 2


def test_a_manager_at_the_till_undoes_late_with_their_own_pin(site: Site, card: str) -> None:
    page = till_page(site, name="Olga")
    entry = page.scan(page.number(card))["entry"]["id"]
    site.clock.forward(minutes=30)
    assert page.undo(entry, manager_pin=ADMIN)["entry"]["taken_back"] is True
    assert [row.approved_by for row in rows(site, "reverse")] == [None]


def test_undo_is_offered_while_it_works(site: Site, page: TillPage, card: str) -> None:
    assert page.press(card, "purchases", key="one", visits=1)["undo_seconds"] == 60
    site.clock.forward(seconds=50)
    assert page.press(card, "purchases", key="one", visits=1)["undo_seconds"] == 10
    site.clock.forward(seconds=50)
    assert page.press(card, "purchases", key="one", visits=1)["undo_seconds"] == 0


def test_another_stores_entries_are_not_taken_back_here(site: Site, page: TillPage, card: str) -> None:
    booked = site.shop.earn(card)  # by the shop's own cashier, in a store of another name
    page.undo(booked.entry.id)
    assert (page.status, page.slug) == (404, "unknown-entry")
    page.undo(booked.entry.id, manager_pin=ADMIN)
    assert (page.status, page.slug) == (404, "unknown-entry")


@pytest.mark.parametrize("entry", [999, 999999999999999999])
def test_an_entry_that_nobody_wrote_is_unknown(page: TillPage, entry: int) -> None:
    page.undo(entry)
    assert (page.status, page.slug) == (404, "unknown-entry")


def test_S9_a_correction_is_made_with_a_manager_who_is_kept_with_it(
    site: Site, page: TillPage, card: str
) -> None:
    page.press(card, "adjustments", points=3, reason="machine was broken", manager_pin=CASHIER)
    assert page.slug == "not-allowed"
    page.press(card, "adjustments", points=3, reason="machine was broken")
    assert (page.status, page.said["field"]) == (400, "manager_pin")
    screen = page.press(card, "adjustments", points=3, reason="machine was broken", manager_pin=ADMIN)
    assert screen["entry"]["headline"] == "Correction: +3\u00a0stamps"
    row = last_entry(site)
    assert (row.actor, row.approved_by, row.note) == ("staff:1", "staff:2", "machine was broken")


def test_S9_a_manager_alone_at_the_till_is_one_person(site: Site, card: str) -> None:
    site.shop.publish(adjustment_limit=5)
    alone = till_page(site, name="Olga")
    alone.press(card, "adjustments", points=6, reason="goodwill", manager_pin=ADMIN)
    assert (alone.status, alone.slug) == (409, "second-person-needed")
    together = till_page(site)
    assert together.press(card, "adjustments", points=6, reason="goodwill", manager_pin=ADMIN)["entry"]


def test_what_a_manager_corrected_is_not_taken_back_without_one(page: TillPage, card: str) -> None:
    page.press(card, "purchases", visits=5)
    screen = page.press(card, "adjustments", points=-3, reason="never here", manager_pin=ADMIN)
    page.undo(screen["entry"]["id"])
    assert (page.status, page.slug) == (409, "too-late-to-undo")
    assert page.undo(screen["entry"]["id"], manager_pin=ADMIN)["entry"]["points"] == 3


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


BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("purchases", {"total": "300"}, "total"),
    ("purchases", {"total": 3.5}, "total"),
    ("purchases", {"total": True}, "total"),
    ("purchases", {"total": -1}, "total"),
    ("purchases", {"total": 10**12}, "total"),
    ("purchases", {"visits": 0}, "visits"),
    ("purchases", {"visits": 101}, "visits"),
    ("purchases", {"receipt": "x" * 300}, "receipt"),
    ("purchases", {"receipt": 5}, "receipt"),
    ("purchases", {"visits": 1, "confirmed": "yes"}, "confirmed"),
    ("purchases", {"visits": 1, "key": ""}, "key"),
    ("purchases", {"visits": 1, "key": "k" * 129}, "key"),
    ("purchases", {"visits": 1, "key": "a b"}, "key"),
    ("purchases", {"visits": 1, "key": 7}, "key"),
    ("purchases", {"visits": 1, "points": 500}, "points"),
    ("purchases", {"visits": 1, "store": "other"}, "store"),
    ("rewards", {}, "reward"),
    ("rewards", {"reward": "x" * 65}, "reward"),
    ("rewards", {"reward": "coffee", "manager_pin": 1234}, "manager_pin"),
    ("rewards", {"reward": "coffee", "live": True}, "live"),
    ("payments", {"points": 0, "total": 100}, "points"),
    ("payments", {"points": 10}, "total"),
    ("adjustments", {"points": 10**10, "reason": "x", "manager_pin": "1"}, "points"),
    ("adjustments", {"points": 1, "reason": "", "manager_pin": "1"}, "reason"),
    ("adjustments", {"points": 1, "reason": "r" * 201, "manager_pin": "1"}, "reason"),
    ("adjustments", {"points": 1, "reason": "r", "manager_pin": "1" * 99}, "manager_pin"),
    ("refunds", {}, "receipt"),
    ("refunds", {"receipt": "x", "of": ""}, "of"),
    ("quotes", {"total": None}, "total"),
]


@pytest.mark.parametrize(("verb", "body", "field"), BODIES)
def test_the_field_that_is_off_is_named_and_nothing_is_booked(
    site: Site, page: TillPage, card: str, verb: str, body: dict[str, Any], field: str
) -> None:
    key = {} if verb == "quotes" else {"key": new_key()}
    said = page.post(f"/cards/{card}/{verb}", key | body)
    assert (page.status, page.slug, said["field"]) == (400, "invalid-body", field)
    assert said["said"]["text"]
    assert site.count(LedgerEntry) == 1


def test_a_purchase_of_nothing_is_refused(page: TillPage, card: str) -> None:
    page.press(card, "purchases")
    assert page.status == 400


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"{" * 5000])
def test_what_is_no_json_object_is_refused_politely(page: TillPage, card: str, sent: bytes) -> None:
    answer = page.visitor.client.post(
        f"/till/cards/{card}/purchases",
        data=sent,
        content_type="application/json",
        headers={"X-CSRFToken": page.csrf},
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_form_is_no_json(page: TillPage, card: str) -> None:
    answer = page.visitor.client.post(
        f"/till/cards/{card}/purchases", data={"visits": "1"}, headers={"X-CSRFToken": page.csrf}
    )
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
