"""The manager is asked at the counter why a card does not change, and reads the answer from a page."""

from __future__ import annotations

from sqlalchemy import select

from tests.web.site import Site
from wallet_service.actions import campaign_changes
from wallet_service.actions.why import Step
from wallet_service.db.tables import Card, DeviceLog, Installation, Telling
from wallet_service.push.complaints import Complaint
from wallet_service.web.office import why_texts


def told(site: Site, card: str) -> None:
    """A worker ran, and pushed the card half a minute after it had changed; nobody came for it."""
    now = site.clock()
    with site.shop.services.sessions.begin() as session:
        row = session.scalars(select(Card).where(Card.serial == card)).one()
        way = {"wallet": "apple", "version": 1, "priority": 0, "phones": 1, "request_id": "f00d"}
        accepted = site.clock.forward(seconds=30)
        session.add(Telling(card_id=row.id, queued_at=now, accepted_at=accepted, **way))
        if session.get(Installation, 1) is None:
            session.add(Installation(id=1, life="test", created_at=now))
        session.flush()
        session.get_one(Installation, 1).seen_at = accepted


def test_the_page_says_why_and_shows_the_way_of_the_last_changes(site: Site) -> None:
    card = site.shop.join("Anna")
    told(site, card)
    person = site.cashier(name="Olga").get(f"/office/cards/{card}")
    assert f'href="/office/cards/{card}/updates"' in person.answer.text if person.answer else False
    person.get(f"/office/cards/{card}/updates")
    assert "✓ In order: A worker is running." in person.text
    assert "✕ Not in order: The card was never added to Apple Wallet." in person.text
    assert "f00d 30.0 s – – 1" in person.text


def test_a_change_for_all_cards_is_told_with_how_far_it_is_and_how_it_goes_on(site: Site) -> None:
    card = site.shop.join()
    told(site, card)
    person = site.cashier(name="Olga")
    page = f"/office/cards/{card}/updates"
    site.shop.publish(organization="Bean & Brew")
    site.shop.tell_everybody(before=1, quiet="00:00-23:59")
    assert "has not come to this card yet (cards so far: 0 of 1)" in person.get(page).text
    with site.shop.services.sessions.begin() as session:
        campaign_changes.pause(session, program="coffee", actor="staff:1", now=site.clock())
    assert "The change to version 2 stands still" in person.get(page).text
    assert "To all cards" in person.text
    assert "flask wallet campaign show coffee" in person.text


def test_the_page_speaks_russian(site: Site) -> None:
    card = site.shop.join()
    person = site.cashier("ru", name="Olga").get(f"/office/cards/{card}/updates")
    assert "Почему карта не обновляется?" in person.text
    assert "✕ Не в порядке: Рабочий процесс здесь ещё не запускали." in person.text


def test_what_phones_report_is_grouped_and_leads_to_the_card(site: Site) -> None:
    card = site.shop.join()
    line = DeviceLog(received_at=site.clock(), line="<b>odd</b>", kind=Complaint.INVALID_PASS, serial=card)
    with site.shop.services.sessions.begin() as session:
        session.add(line)
        session.add(DeviceLog(received_at=site.clock(), line="from before"))
    person = site.cashier(name="Olga").get("/office/phones")
    assert "It cannot read the card that we signed. 1 line, 1 card, last on 2 Nov, 11:00:00" in person.text
    assert "Something else. 1 line, last on" in person.text
    assert "<b>odd</b>" in person.text
    assert person.answer is not None
    assert f'href="/office/cards/{card}/updates"' in person.answer.text


def test_every_kind_of_complaint_has_its_words(site: Site) -> None:
    with site.app.test_request_context():
        words = {why_texts.complaint(kind) for kind in Complaint}
    assert len(words) == len(Complaint)
    assert not words & {kind.value for kind in Complaint}


def test_one_and_several_phones_decline(site: Site) -> None:
    with site.app.test_request_context(headers={"Accept-Language": "ru"}):
        said = [why_texts.said(Step("updates", "on", facts={"count": count}), "UTC") for count in (1, 2, 5)]
    assert [words.split()[1] for words in said] == ["телефон", "телефона", "телефонов"]
