"""A cashier scans, books, gives and takes back."""

from __future__ import annotations

import pytest

from tests.web.site import Site, Visitor
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain.identifiers import card_number
from wallet_service.domain.rules import Item
from wallet_service.web.till.forms import minor_units


def at_card(site: Site, card: str, language: str = "en") -> Visitor:
    person = site.cashier(language).get("/till")
    return person.press("/till/cards", number=site.shop.face(card).number)


def test_scan_book_and_see_the_new_bar(site: Site) -> None:
    card = site.shop.join("Anna Petrova")
    cashier = at_card(site, card)
    assert "A. P." in cashier.text
    assert "Petrova" not in cashier.text
    cashier.press("/visits")
    assert "+1 stamp" in cashier.text
    assert "3 of 12, 9 to go" in cashier.text
    assert "1 stamp for the visit." in cashier.text
    assert site.shop.face(card).progress.value == 3


@pytest.mark.parametrize("typed", ["{}{}{}", " {}{}{} ", "{} {} {}", "{}-{}-{}", "{}{}{}\n"])
def test_a_number_is_read_however_it_is_grouped(site: Site, typed: str) -> None:
    card = site.shop.join()
    digits = site.shop.face(card).number
    number = typed.format(digits[:4], digits[4:8], digits[8:])
    assert "2 of 12" in site.cashier().get("/till").press("/till/cards", number=number).text


WRONG = [
    ("123", "A card number has 19 digits, this has 3.", "В номере карты 19 цифр, здесь — 3."),
    ("https://example.com/x", "This is no card number", "Это не номер карты"),
    ("", "This is no card number", "Это не номер карты"),
    ("\x00\x07", "This is no card number", "Это не номер карты"),
    ("9" * 4000, "A card number has 19 digits", "В номере карты 19 цифр"),
    ("1000000000000000000", "compare every one of its 19 digits", "сверьте все 19 цифр"),
    ("<script>alert(1)</script>", "This is no card number", "Это не номер карты"),
    ("١٢٣٤", "This is no card number", "Это не номер карты"),
]


@pytest.mark.parametrize(("typed", "english", "russian"), WRONG)
def test_a_wrong_number_is_told_in_a_sentence(site: Site, typed: str, english: str, russian: str) -> None:
    for language, said in (("en", english), ("ru", russian)):
        cashier = site.cashier(language).get("/till").press("/till/cards", number=typed)
        assert cashier.status == 400
        assert said in cashier.text


def test_a_card_of_another_shop_is_unknown(site: Site) -> None:
    elsewhere = card_number(b"another shop 123")
    cashier = site.cashier().get("/till").press("/till/cards", number=elsewhere)
    assert cashier.status == 404
    assert "This card is not known here." in cashier.text


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("250", 25000),
        ("250,50", 25050),
        ("250.5", 25050),
        ("1 250,05", 125005),
        ("1\u00a0250", 125000),
        ("0", 0),
        (" 7 ", 700),
    ],
)
def test_amounts_are_typed_as_people_write_them(typed: str, units: int) -> None:
    assert minor_units(typed) == units


JUNK = ["", "abc", "-5", "1,2,3", "250,555", "1e9", "NaN", "₽", "٢٥٠", "2" * 60, "0x10", "\x00", "1,"]


@pytest.mark.parametrize("typed", JUNK)
def test_a_junk_amount_is_a_sentence_and_books_nothing(site: Site, typed: str) -> None:
    card = site.shop.join()
    for language, said in (("en", "This amount cannot be booked"), ("ru", "Такую сумму провести нельзя")):
        cashier = at_card(site, card, language).press("/purchases", amount=typed)
        assert cashier.status == 400
        assert said in cashier.text
    assert site.count(LedgerEntry) == 1


def test_an_amount_beyond_all_purchases_is_refused(site: Site) -> None:
    cashier = at_card(site, site.shop.join()).press("/purchases", amount="10000000,01")
    assert cashier.status == 400
    assert "larger than any purchase" in cashier.text


def test_a_small_purchase_is_booked_and_says_why_it_earned_nothing(site: Site) -> None:
    cashier = at_card(site, site.shop.join()).press("/purchases", amount="150")
    assert "Purchase: ₽150" in cashier.text
    assert "a visit counts from ₽200, this was ₽50 short" in cashier.text


def test_the_reward_is_given_when_it_is_ready_and_not_before(site: Site) -> None:
    card = site.shop.join()
    assert "Ready to be given" not in at_card(site, card).text
    site.shop.earn(card, visits=10)
    cashier = at_card(site, card)
    assert "Free coffee Ready to be given" in cashier.text
    cashier.press("/rewards/coffee")
    assert "Free coffee: −12 stamps" in cashier.text
    assert site.shop.face(card).progress.value == 2


def test_a_reward_that_is_gone_meanwhile_gets_its_plain_screen(site: Site) -> None:
    card = site.shop.join()
    site.shop.earn(card, visits=10)
    cashier = at_card(site, card, "ru")
    site.shop.redeem(card)
    cashier.press("/rewards/coffee")
    assert cashier.status == 409
    assert "Ещё не хватает: 10 штампов." in cashier.text
    assert "Вернуться к кассе" in cashier.text


@pytest.mark.parametrize(("language", "said"), [("en", "This card is closed"), ("ru", "Эта карта закрыта")])
def test_a_closed_card_is_told_at_the_scan(site: Site, language: str, said: str) -> None:
    card = site.shop.join()
    site.shop.leave(card)
    cashier = at_card(site, card, language)
    assert cashier.status == 409
    assert said in cashier.text


def test_a_card_closed_after_the_scan_books_nothing(site: Site) -> None:
    card = site.shop.join()
    cashier = at_card(site, card)
    site.shop.leave(card)
    cashier.press("/visits")
    assert cashier.status == 409
    assert "This card is closed" in cashier.text


def test_a_double_press_books_once_and_answers_the_same(site: Site) -> None:
    card = site.shop.join()
    cashier = at_card(site, card)
    where, hidden = cashier.form("/visits")
    answers = [cashier.post(where, hidden).path for _ in range(3)]
    assert len(set(answers)) == 1
    assert site.shop.face(card).progress.value == 3


def test_every_page_has_new_keys_so_that_two_visits_are_two(site: Site) -> None:
    card = site.shop.join()
    cashier = at_card(site, card)
    cashier.press("/visits").get(f"/till/cards/{card}").press("/visits")
    assert site.shop.face(card).progress.value == 4


def test_a_key_for_something_else_is_a_conflict(site: Site) -> None:
    card = site.shop.join()
    cashier = at_card(site, card)
    _, hidden = cashier.form("/visits")
    cashier.press("/visits")
    cashier.post(f"/till/cards/{card}/purchases", hidden | {"amount": "300"})
    assert cashier.status == 409
    assert site.shop.face(card).progress.value == 3


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_form_without_a_usable_key_is_refused(site: Site, key: str) -> None:
    card = site.shop.join()
    assert at_card(site, card).press("/visits", key=key).status == 400
    assert site.shop.face(card).progress.value == 2


def test_undo_takes_the_visit_back_within_a_minute(site: Site) -> None:
    card = site.shop.join()
    cashier = at_card(site, card).press("/visits")
    site.clock.forward(seconds=59)
    cashier.press("/undo")
    assert "Taken back: −1 stamp" in cashier.text
    assert site.shop.face(card).progress.value == 2


def test_undo_gives_a_reward_back(site: Site) -> None:
    card = site.shop.join()
    site.shop.earn(card, visits=10)
    cashier = at_card(site, card).press("/rewards/coffee").press("/undo")
    assert site.shop.face(card).progress.value == 12
    assert cashier.text.count("Taken back at the till.") == 1


def test_the_page_of_a_booking_that_was_taken_back_says_so(site: Site) -> None:
    cashier = at_card(site, site.shop.join()).press("/visits")
    booked = cashier.path
    assert "Taken back" not in cashier.text
    cashier.press("/undo")
    assert "Taken back at the till." in cashier.get(booked).text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Undo works for 60 seconds."), ("ru", "Отмена работает 60 секунд.")]
)
def test_undo_after_a_minute_is_refused_with_the_way_out(site: Site, language: str, said: str) -> None:
    card = site.shop.join()
    cashier = at_card(site, card, language).press("/visits")
    site.clock.forward(seconds=61)
    cashier.press("/undo")
    assert cashier.status == 409
    assert said in cashier.text
    assert site.shop.face(card).progress.value == 3


def test_undo_is_offered_once_and_only_while_it_works(site: Site) -> None:
    cashier = at_card(site, site.shop.join()).press("/visits")
    booked = cashier.path
    assert "Undo" in cashier.text
    site.clock.forward(seconds=60)
    assert "Undo" not in cashier.get(booked).text
    site.clock.forward(seconds=-50)
    assert "Undo" not in cashier.get(booked).press("/undo").text


def test_taking_back_twice_says_so(site: Site) -> None:
    cashier = at_card(site, site.shop.join()).press("/visits")
    where, hidden = cashier.form("/undo")
    cashier.press("/undo")
    cashier.post(where, hidden | {"key": "another-press"})
    assert cashier.status == 409
    assert "Already taken back" in cashier.text


@pytest.mark.parametrize(
    "path", ["/till/booked/999", "/till/booked/" + "9" * 40, "/till/cards/x", "/till/cards/" + "0" * 36]
)
def test_an_address_that_leads_nowhere_is_no_fault_of_ours(site: Site, path: str) -> None:
    assert site.cashier().get(path).status in (400, 404)


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
def test_the_page_counts_as_the_language_does(site: Site, language: str, per_visit: int, said: str) -> None:
    each = {"points": {"each": "visit", "give": per_visit}}
    site.shop.publish(rules=[{"id": "visit", "trigger": "visit", "then": [each]}], visit_minimum=0)
    cashier = at_card(site, site.shop.join(), language).press("/visits")
    assert f" {said} " in cashier.text


def test_without_a_pin_there_is_only_the_sign_in(site: Site) -> None:
    card = site.shop.join()
    stranger = site.visitor()
    for path in ("/till", f"/till/cards/{card}", "/till/booked/1", "/office"):
        assert stranger.get(path).path == "/till/sign-in"
    stranger.get("/till/sign-in")
    _, hidden = stranger.form("")
    stranger.post(f"/till/cards/{card}/visits", hidden | {"key": "a-key-of-a-stranger"})
    assert stranger.path == "/till/sign-in"
    assert site.count(LedgerEntry) == 1


def test_the_office_is_for_admins_and_the_till_for_both(site: Site) -> None:
    cashier = site.cashier().get("/office")
    assert (cashier.status, "For managers" in cashier.text) == (403, True)
    admin = site.cashier(name="Olga")
    assert admin.get("/office").status == 200
    assert admin.get("/till").status == 200


def test_signing_out_ends_it(site: Site) -> None:
    cashier = site.cashier().get("/till").press("/till/sign-out")
    assert cashier.get("/till").path == "/till/sign-in"


def test_an_amount_of_nothing_is_refused_with_a_sentence(site: Site) -> None:
    cashier = at_card(site, site.shop.join()).press("/purchases", amount="0,00")
    assert cashier.status == 400
    assert "There is nothing to book for 0. Type what was paid." in cashier.text
    assert site.count(LedgerEntry) == 1


def test_the_cashier_sees_the_tier_its_benefits_and_what_it_takes_off(site: Site) -> None:
    site.run("subscription")
    card = site.shop.join()
    site.shop.earn(card, total=100_000, items=(Item("club-month"),))
    cashier = at_card(site, card)
    assert "Club" in cashier.text
    assert "Delivery for free." in cashier.text
    where, hidden = cashier.form("/purchases")  # a second button of the same form
    cashier.post(where.replace("/purchases", "/quotes"), hidden | {"amount": "1250,50"})
    assert "For ₽1,250.50 Suggested discount ₽125.05 Would earn 75 petals" in cashier.text
    assert site.count(LedgerEntry) == 3


def test_points_pay_as_much_as_the_program_lets_them(site: Site) -> None:
    site.run("cashback", pending_days=0)
    card = site.shop.join()
    site.shop.earn(card, total=1_000_000)
    cashier = at_card(site, card)
    where, hidden = cashier.form("/purchases")
    cashier.post(where.replace("/purchases", "/quotes"), hidden | {"amount": "600"})
    assert "Can pay with what is saved up to ₽300" in cashier.text
    cashier.press("/payments", points="300")
    assert "Paid ₽300: −₽300" in cashier.text
    assert site.shop.stand(card).spendable == 30_000


@pytest.mark.parametrize(
    ("language", "points", "said"),
    [
        ("en", "300.01", "They may pay ₽300 of this receipt."),
        ("ru", "300,01", "Баллами можно оплатить 300 ₽ этого чека."),
        ("en", "50", "They pay from ₽100 on."),
        ("ru", "50", "Минимум для оплаты: 100 ₽."),
    ],
)
def test_more_or_less_than_points_may_pay_is_told_in_the_programs_money(
    site: Site, language: str, points: str, said: str
) -> None:
    site.run("cashback", pending_days=0)
    card = site.shop.join()
    site.shop.earn(card, total=1_000_000)
    cashier = at_card(site, card, language)
    where, hidden = cashier.form("/purchases")
    cashier.post(where.replace("/purchases", "/payments"), hidden | {"amount": "600", "points": points})
    assert cashier.status == 409
    assert said in cashier.text
    assert site.shop.stand(card).spendable == 60_000


def test_a_program_without_visits_has_no_button_for_them(site: Site) -> None:
    site.run("points-shop")
    text = at_card(site, site.shop.join()).text
    assert "+1 visit" not in text
    assert "What does it get?" not in text
