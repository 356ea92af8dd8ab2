"""A manager blocks a card, gives it a new number, and looks at what stood out."""

from __future__ import annotations

import pytest

from tests.web.site import Site, Visitor
from wallet_service.actions.once import Actor
from wallet_service.db import queries
from wallet_service.db.tables import Audit, LedgerEntry
from wallet_service.domain.errors import CardBlocked, CardReplaced
from wallet_service.domain.identifiers import grouped


@pytest.fixture
def olga(site: Site) -> Visitor:
    return site.cashier(name="Olga")


def office_of(card: str, page: str = "") -> str:
    return f"/office/cards/{card}{page}"


def number_of(site: Site, card: str) -> str:
    with site.shop.services.sessions.read() as session:
        return queries.card(session, card).number


def test_a_card_is_blocked_for_a_reason_and_opened_again(site: Site, olga: Visitor) -> None:
    card = site.shop.join("Boris Ivanov")
    asked = olga.get(office_of(card, "/block")).text
    assert "nothing is booked for it" in asked
    assert "B. I." in asked
    shown = olga.press("/block", reason="lost on the bus")
    assert "Blocked since 2 November" in shown.text
    assert "Olga: lost on the bus" in shown.text
    with pytest.raises(CardBlocked):
        site.shop.earn(card)
    olga.get(office_of(card, "/unblock"))
    assert "Opened again Olga: found" in olga.press("/unblock", reason="found").text
    assert site.shop.earn(card).entry.points == 1


def test_without_a_reason_nothing_happens_and_the_page_says_so(site: Site, olga: Visitor) -> None:
    card = site.shop.join()
    olga.get(office_of(card, "/block"))
    assert olga.press("/block", reason=" ").status == 400
    assert "Block this card?" in olga.text
    assert site.shop.earn(card).entry.points == 1
    assert site.count(Audit) == audits_before(site)


def audits_before(site: Site) -> int:
    """Of the people who were added when the site was opened."""
    with site.shop.services.sessions.read() as session:
        return session.query(Audit).filter(Audit.subject.like("staff:%")).count()


def test_S32_a_new_number_is_given_after_the_page_said_what_stops_working(site: Site, olga: Visitor) -> None:
    card, other = site.shop.join(), site.shop.join()
    site.shop.merge(card, other)
    old = number_of(site, card)
    assert "2 numbers stop working at once" in olga.get(office_of(card, "/number")).text
    assert "No wallet has the card" in olga.text
    olga.press("/number", reason="photographed")
    new = number_of(site, card)
    assert new != old
    assert grouped(new) in olga.text
    assert "Given a new number Olga: photographed" in olga.text
    with pytest.raises(CardReplaced):
        site.shop.earn(old)


def test_S32_what_changed_since_the_page_was_shown_is_looked_at_again(site: Site, olga: Visitor) -> None:
    card, other = site.shop.join(), site.shop.join()
    old = number_of(site, card)
    olga.get(office_of(card, "/number"))
    site.shop.merge(card, other)
    assert olga.press("/number", reason="photographed").status == 409
    assert "2 numbers stop working at once" in olga.text
    assert number_of(site, card) == old


def test_a_count_that_no_page_told_changes_nothing(site: Site, olga: Visitor) -> None:
    card = site.shop.join()
    old = number_of(site, card)
    olga.get(office_of(card, "/number"))
    assert olga.press("/number", reason="photographed", retires="9" * 5000).status == 409
    assert number_of(site, card) == old


def test_the_office_finds_a_card_by_a_number_that_was_replaced(site: Site, olga: Visitor) -> None:
    card = site.shop.join()
    old = number_of(site, card)
    olga.get(office_of(card, "/number")).press("/number", reason="photographed")
    found = olga.get("/office").press("/cards", number=grouped(old))
    assert grouped(number_of(site, card)) in found.text


def test_a_cashier_does_none_of_it(site: Site) -> None:
    card, mira = site.shop.join(), site.cashier()
    for page in ("/block", "/unblock", "/number"):
        assert mira.get(office_of(card, page)).status == 403
    assert mira.get("/office/look").status == 403


def test_what_stood_out_is_told_with_who_where_and_the_way_to_the_card(site: Site, olga: Visitor) -> None:
    mira = site.shop.cashier = Actor("staff:1", store="main", till="till-1")
    card = site.shop.join()
    for _ in range(5):
        site.shop.earn(card)
        site.clock.forward(minutes=30)
    for _ in range(5):
        site.shop.undo(site.shop.earn(card))
    text = olga.get("/office/look").text
    assert mira.name == "staff:1"
    assert "store main, till till-1 10 purchases on one day; usual are up to 3" in text
    assert "Mira 10 of 10 times, up to 10 on one day" in text
    assert "Mira 0 corrections, 5 undos, 10 bookings · more than usual" in text
    assert "more often in a day than usual Mira, store main, till till-1" in text
    assert olga.answer is not None
    assert f'href="/office/cards/{card}"' in olga.answer.text


def test_a_quiet_week_is_good_news_in_russian_too(site: Site) -> None:
    site.shop.earn(site.shop.join())
    text = site.cashier("ru", name="Olga").get("/office/look").text
    assert "Одна карта на одной кассе" in text
    assert site.count(LedgerEntry) == 2
