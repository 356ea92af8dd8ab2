"""The manager looks at the day."""

from __future__ import annotations

import re

import pytest

from tests.web.site import ADMIN, CASHIER, Site, Visitor
from wallet_service.actions.staff import add_staff
from wallet_service.db.tables import Alarm, DeviceLog, LedgerEntry


def tiles(person: Visitor) -> dict[str, int]:
    assert person.answer is not None
    found = re.findall(r'<div class="tile[^"]*"><strong>(\d+)</strong><span>([^<]+)', person.answer.text)
    return {words: int(count) for count, words in found}


def test_the_day_in_figures(site: Site) -> None:
    site.shop.join()
    site.clock.forward(days=1)
    card = site.shop.join()
    site.shop.undo(site.shop.earn(card, visits=10))
    site.shop.earn(card, visits=10)
    site.shop.redeem(card)
    person = site.cashier(name="Olga").get("/office")
    assert "Today, 3 November" in person.text
    assert tiles(person) == {
        "new card": 1,
        "purchases": 2,
        "reward given": 1,
        "taken back": 1,
        "refunds": 0,
        "to look at": 1,
    }
    assert "In all 2" in person.text


@pytest.mark.parametrize(("joins", "said"), [(1, "новая карта"), (2, "новые карты"), (5, "новых карт")])
def test_figures_decline_in_russian(site: Site, joins: int, said: str) -> None:
    for _ in range(joins):
        site.shop.join()
    assert tiles(site.cashier("ru", name="Olga").get("/office"))[said] == joins


def test_the_day_begins_at_the_shops_own_midnight(site: Site) -> None:
    site.clock.forward(hours=12.9)  # 20:54 UTC, 23:54 in Moscow
    site.shop.join()
    site.clock.forward(hours=0.2)
    assert tiles(site.cashier(name="Olga").get("/office"))["new cards"] == 0


def test_open_alarms_are_shown_and_cleared_ones_are_not(site: Site) -> None:
    now = site.clock()
    with site.shop.services.sessions.begin() as session:
        session.add(Alarm(kind="apns", subject="pass.x", detail="Renew the certificate.", raised_at=now))
        session.add(Alarm(kind="apns", subject="pass.y", detail="Mended.", raised_at=now, cleared_at=now))
    text = site.cashier(name="Olga").get("/office").text
    assert "Renew the certificate." in text
    assert "Mended." not in text


def test_certificates_posters_and_what_phones_report(site: Site) -> None:
    with site.shop.services.sessions.begin() as session:
        session.add(DeviceLog(received_at=site.clock(), line="Unregister <b>failed</b>"))
    person = site.cashier(name="Olga").get("/office")
    assert re.search(r"pass\.sandbox\.coffee certificate 36\d days", person.text)
    assert "Unregister <b>failed</b>" in person.text
    assert person.answer is not None
    assert 'href="/join/coffee/poster"' in person.answer.text


def test_what_the_guards_saw_is_listed_with_who_and_where(site: Site) -> None:
    card = site.shop.join("Anna Petrova")
    site.shop.earn(card)
    site.clock.forward(minutes=2)
    site.shop.earn(card)
    text = site.cashier(name="Olga").get("/office").text
    assert "11:02 A. P. the same card again within minutes Mira, store 1, till 1" in text
    assert "Petrova" not in text
    text = site.cashier("ru", name="Olga").get("/office").text
    assert "та же карта через несколько минут Mira, магазин 1, касса 1" in text


def test_refunds_and_what_burnt_are_counted(site: Site) -> None:
    site.run("coffee-stamps")
    card, other = site.shop.join(), site.shop.join()
    site.shop.earn(card, visits=3)
    site.clock.forward(days=200)
    site.shop.earn(card)
    site.shop.earn(other, visits=1, receipt="R")
    site.shop.refund(other, "R")
    person = site.cashier(name="Olga").get("/office")
    assert tiles(person)["refund"] == 1
    assert "Expired today Coffee Card 5 stamps" in person.text


def card_in_office(site: Site, card: str, language: str = "en") -> Visitor:
    person = site.cashier(language, name="Olga").get("/office")
    return person.press("/office/cards", number=site.shop.face(card).number)


def test_a_manager_corrects_a_balance_and_says_why(site: Site) -> None:
    card = site.shop.join()
    person = card_in_office(site, card)
    person.press("/adjustments", points="3", way="give", reason="the till was broken")
    assert "Corrected: the till was broken" in person.text
    assert site.shop.stand(card).balance == 5
    person.press("/adjustments", points="1", way="take", reason="one too many")
    assert site.shop.stand(card).balance == 4
    person.press("/adjustments", points="9", way="take", reason="one too many")
    assert person.status == 409
    assert "Still missing: 5 stamps." in person.text


@pytest.mark.parametrize(
    ("points", "reason"), [("", "why"), ("0", "why"), ("x", "why"), ("1", " "), ("-1", "why")]
)
def test_a_correction_without_a_number_or_a_reason_is_refused(site: Site, points: str, reason: str) -> None:
    person = card_in_office(site, site.shop.join()).press("/adjustments", points=points, reason=reason)
    assert person.status == 400
    assert site.count(LedgerEntry) == 1


def test_a_large_correction_needs_another_manager_in_person(site: Site) -> None:
    site.run("coffee-stamps", adjustment_limit=5)
    with site.shop.services.sessions.begin() as session:
        second = add_staff(session, name="Nina", role="admin", pin="555555", now=site.clock()).id
    card = site.shop.join()
    person = card_in_office(site, card, "ru")
    for pin, said in (
        ("", "Предел для одного управляющего: 5 штампов."),
        (ADMIN, "Это ваш PIN или PIN кассира."),
        (CASHIER, "Это ваш PIN или PIN кассира."),
        ("000000", "Неверный PIN"),
    ):
        person.press("/adjustments", points="6", reason="переезд", pin=pin)
        assert said in person.text
    assert site.count(LedgerEntry) == 1
    person.press("/adjustments", points="6", reason="переезд", pin="555555")
    assert site.shop.stand(card).balance == 8
    with site.shop.services.sessions.read() as session:
        entry = session.query(LedgerEntry).filter_by(kind="adjust").one()
        assert entry.approved_by == f"staff:{second}" != entry.actor


def test_a_cashier_corrects_nothing(site: Site) -> None:
    card = site.shop.join()
    person = site.cashier().get(f"/office/cards/{card}")
    assert person.status == 403
