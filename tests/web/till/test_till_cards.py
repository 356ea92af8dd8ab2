"""A card comes to the till, and every kind of card gets its own screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.web.site import Site
from tests.web.till.page import EVERY_VERB, TillPage, make_mine, new_key, till_page
from wallet_service.db.tables import Card, CardNumber, LedgerEntry, Store
from wallet_service.domain.identifiers import card_number
from wallet_service.domain.rules import Item

STAMPS = {"by_visit": True, "stamps": True, "sign": "₽", "looks_first": False}


def kinds(site: Site) -> list[str]:
    with site.shop.services.sessions.read() as session:
        return list(session.scalars(select(LedgerEntry.kind)))


def test_a_stamp_is_booked_at_the_scan_and_the_bar_has_moved(site: Site, page: TillPage) -> None:
    card = site.shop.join("Anna Petrova")
    screen = page.scan(page.number(card))
    assert (page.status, screen["kind"]) == (200, "booked")
    shown, entry = screen["card"], screen["entry"]
    assert (shown["initials"], shown["progress_text"]) == ("A. P.", "3 of 12, 9 to go")
    assert "Petrova" not in str(screen)
    assert shown["tail"] == page.number(card)[-4:]
    assert shown["bar"].startswith("<svg")
    assert (entry["headline"], entry["why"]) == ("+1\u00a0stamp", "1\u00a0stamp for the visit.")
    assert (entry["taken_back"], screen["undo_seconds"], screen["more"]) == (False, 60, True)
    assert {name: screen[name] for name in STAMPS} == STAMPS
    assert [line["text"] for line in shown["history"]] == ["+1\u00a0stamp", "Gift: +2\u00a0stamps"]
    assert site.shop.face(card).progress.value == 3


def test_the_same_scan_sent_again_books_once_and_says_the_same(site: Site, page: TillPage) -> None:
    number = page.number(card := site.shop.join())
    answers = [page.scan(number, "one-press") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert site.shop.face(card).progress.value == 3


def test_the_same_scan_says_the_same_though_it_made_a_reward_ready(site: Site, page: TillPage) -> None:
    card = site.shop.join()
    site.shop.earn(card, visits=9)
    site.clock.forward(hours=1)
    first = page.scan(page.number(card), "one-press")
    assert (first["kind"], [reward["id"] for reward in first["ready"]]) == ("booked", ["coffee"])
    assert page.scan(page.number(card), "one-press") == first


def test_a_scan_books_nothing_while_a_reward_waits(site: Site, page: TillPage) -> None:
    card = site.shop.join()
    site.shop.earn(card, visits=10)
    screen = page.scan(page.number(card))
    assert screen["kind"] == "card"
    assert screen["ready"] == [{"id": "coffee", "name": "Free coffee"}]
    assert (screen["entry"], screen["asks"], screen["undo_seconds"]) == (None, None, 0)
    assert site.count(LedgerEntry) == 2


def test_a_scan_that_a_guard_asks_about_shows_the_card_and_the_question(site: Site, page: TillPage) -> None:
    card = site.shop.join()
    page.scan(page.number(card))
    site.clock.forward(minutes=2)
    screen = page.scan(page.number(card), "again")
    assert screen["kind"] == "card"
    assert screen["asks"]["flags"] == ["repeat"]
    assert "11:00" in screen["asks"]["said"]["text"]
    assert site.shop.face(card).progress.value == 3
    meant = page.press(card, "purchases", key="again", visits=1, confirmed=True)
    assert meant["kind"] == "booked"
    assert site.shop.face(card).progress.value == 4


def test_points_are_booked_when_the_amount_is_known(site: Site, page: TillPage) -> None:
    site.run("points-shop")
    screen = page.scan(page.number(site.shop.join()))
    assert (screen["kind"], screen["by_visit"], screen["stamps"]) == ("card", False, False)
    assert "earn" not in kinds(site)


def test_a_program_says_whether_a_scan_books(site: Site, page: TillPage) -> None:
    site.shop.publish(scan_books=False)
    screen = page.scan(page.number(site.shop.join()))
    assert (screen["kind"], screen["by_visit"]) == ("card", True)


def test_a_card_is_shown_again_without_a_scan(site: Site, page: TillPage) -> None:
    card = site.shop.join("Oleg")
    screen = page.card(card)
    assert (screen["kind"], screen["card"]["serial"], screen["card"]["initials"]) == ("card", card, "O.")
    assert site.count(LedgerEntry) == 1


def test_the_tier_its_benefits_and_what_burns_are_told(site: Site, page: TillPage) -> None:
    site.run("subscription")
    card = site.shop.join()
    site.shop.earn(card, total=100_000, items=(Item("club-month"),))
    screen = page.scan(page.number(card))
    assert screen["card"]["tier"] == {"name": "Club", "benefits": "Delivery for free."}
    assert screen["looks_first"] is True


def test_what_can_be_paid_with_points_is_told_at_the_scan(site: Site, page: TillPage) -> None:
    site.run("cashback", pending_days=0)
    card = site.shop.join()
    site.shop.earn(card, total=1_000_000)
    assert page.scan(page.number(card))["pay"] == {"most": 60_000, "text": "Can pay up to ₽600"}


@pytest.mark.parametrize("form", ["{} {} {}", "{}-{}-{}", " {}{}{}\n"])
def test_a_number_is_typed_however_it_is_grouped(site: Site, page: TillPage, form: str) -> None:
    digits = page.number(card := site.shop.join())
    screen = page.scan(form.format(digits[:4], digits[4:8], digits[8:]))
    assert screen["card"]["serial"] == card


NOES = [
    ("123", 400, "bad-card-number", "has 19 digits, this has 3", "19 цифр, здесь — 3"),
    ("", 400, "bad-card-number", "compare every one of its 19", "сверьте все 19 цифр"),
    ("1000000000000000000", 400, "bad-card-number", "compare every one", "сверьте все 19"),
    (card_number(b"another shop 123"), 404, "unknown-card", "is not known here", "здесь не знают"),
    ("4006381333931", 404, "foreign-card", "the number of goods", "номер товара"),
    ("https://example.com/c/1", 404, "foreign-card", "leads to a page", "ведёт на страницу"),
    ("LOYAL-99", 404, "foreign-card", "belongs to somebody else", "чужой код"),
    ("t=20261102T1100&s=1.00&fn=9960440301234567&i=1&fp=2&n=1", 404, "foreign-card", "first", "Сначала"),
    ("<script>alert(1)</script>", 404, "foreign-card", "belongs to", "чужой код"),
    ("\x00\x07", 404, "foreign-card", "belongs to", "чужой код"),
]


@pytest.mark.parametrize(("code", "status", "slug", "english", "russian"), NOES)
def test_each_kind_of_no_is_told_in_a_sentence(
    site: Site, code: str, status: int, slug: str, english: str, russian: str
) -> None:
    for language, sentence in (("en", english), ("ru", russian)):
        page = till_page(site, language)
        said = page.scan(code)
        assert (page.status, page.slug) == (status, slug)
        assert sentence in f"{said['said']['title']} {said['said']['text']}"
        assert page.answer is not None
        assert page.answer.mimetype == "application/problem+json"
        assert page.answer.headers["Cache-Control"] == "no-store"


def block(site: Site, card: str) -> None:
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Card).where(Card.serial == card).values(blocked_at=site.clock()))


def replace_number(site: Site, card: str) -> None:
    with site.shop.services.sessions.begin() as session:
        number = site.shop.face(card).number
        session.execute(update(CardNumber).where(CardNumber.number == number).values(retired_at=site.clock()))


def count_elsewhere(site: Site, card: str) -> None:
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Store).values(programs=["another"]))


CARDS: list[tuple[str, Callable[[Site, str], None], int]] = [
    ("card-not-active", lambda site, card: site.shop.leave(card), 409),
    ("card-blocked", block, 409),
    ("card-replaced", replace_number, 409),
    ("own-card", make_mine, 409),
    ("foreign-card", count_elsewhere, 404),
]


@pytest.mark.parametrize(("slug", "happens", "status"), CARDS)
def test_a_card_that_cannot_be_used_is_told_at_the_scan_and_books_nothing(
    site: Site, slug: str, happens: Callable[[Site, str], None], status: int
) -> None:
    card = site.shop.join()
    happens(site, card)
    for language in ("en", "ru"):
        page = till_page(site, language)
        said = page.scan(page.number(card))
        assert (page.status, page.slug) == (status, slug)
        assert said["said"]["title"]
        assert said["said"]["text"]
    assert site.count(LedgerEntry) == 1


def test_a_card_that_does_not_count_in_this_store_is_nobodys_to_see_there(site: Site) -> None:
    card, page = site.shop.join(), till_page(site)
    entry = page.scan(page.number(card))["entry"]["id"]
    count_elsewhere(site, card)
    page.card(card)
    assert page.slug == "foreign-card"
    for verb, said in EVERY_VERB.items():
        page.press(card, verb, **said)
        assert (verb, page.slug) == (verb, "foreign-card")
    page.undo(entry)
    assert page.slug == "foreign-card"
    assert site.count(LedgerEntry) == 2


def test_unknown_codes_have_to_wait_longer_and_longer_and_known_ones_do_not(site: Site) -> None:
    page = till_page(site)
    for number in range(3):
        page.scan(card_number(f"strange number {number}".encode()))
        assert page.slug == "unknown-card"
    page.scan(card_number(b"one more strange number"))
    assert (page.status, page.slug) == (429, "too-much")
    assert page.answer is not None
    assert int(page.answer.headers["Retry-After"]) > 0
    assert page.scan(page.number(site.shop.join()))["kind"] == "booked"


@pytest.mark.parametrize("serial", ["x", "0" * 36, "1" * 19, "%00", "' or 1=1"])
def test_an_address_of_no_card_is_no_fault_of_ours(site: Site, page: TillPage, serial: str) -> None:
    page.card(serial)
    assert page.status == 404
    assert page.said["said"]["text"]


def test_a_card_nobody_has_is_unknown(page: TillPage) -> None:
    page.card("00000000-0000-4000-8000-000000000000")
    assert (page.status, page.slug) == (404, "unknown-card")


PLURALS = [
    ("ru", 1, "+1 штамп"),
    ("ru", 2, "+2 штампа"),
    ("ru", 5, "+5 штампов"),
    ("ru", 11, "+11 штампов"),
    ("ru", 21, "+21 штамп"),
    ("ru", 22, "+22 штампа"),
    ("ru", 25, "+25 штампов"),
    ("en", 1, "+1 stamp"),
    ("en", 2, "+2 stamps"),
    ("en", 21, "+21 stamps"),
]


@pytest.mark.parametrize(("language", "per_visit", "said"), PLURALS)
def test_the_till_counts_as_the_language_does(site: Site, language: str, per_visit: int, said: str) -> None:
    each = {"points": {"each": "visit", "give": per_visit}}
    site.shop.publish(rules=[{"id": "visit", "trigger": "visit", "then": [each]}], visit_minimum=0)
    page = till_page(site, language)
    screen = page.scan(page.number(site.shop.join()))
    assert screen["entry"]["headline"] == said.replace(" ", "\u00a0")


def test_a_scan_says_in_russian_what_it_says_in_english(site: Site) -> None:
    page = till_page(site, "ru")
    card = site.shop.join()
    shown = page.scan(page.number(card))["card"]
    assert shown["progress_text"] == "3 из 12, осталось 9"
    assert shown["history"][0]["when"] == "2 ноября, 11:00"
    assert page.scan(page.number(card), new_key())["asks"]["said"]["title"] == "Ещё раз?"
