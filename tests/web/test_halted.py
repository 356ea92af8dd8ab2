"""The database was restored, and nobody confirmed it yet: what people and machines meet until then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.web.site import Site
from tests.web.till.offline import offline_till
from tests.web.till.page import EVERY_VERB, TillPage, till_page
from wallet_service.actions import installation
from wallet_service.actions.api_keys import create_api_key

RUSSIAN = "Запись остановлена"


@contextmanager
def restored(site: Site) -> Iterator[None]:
    """Until somebody opens it again."""
    services, now = site.shop.services, site.clock()
    services.sessions.close()  # a quarantine begins with nobody connected
    with services.sessions.begin(in_quarantine=True) as session:
        installation.settle_in(session, services.settings.data_dir, services.entropy, now)
        installation.begin_quarantine(session, "A drill.", now)
    yield
    with services.sessions.begin(in_quarantine=True) as session:
        installation.end_quarantine(session, now)


@pytest.fixture
def page(site: Site) -> TillPage:
    page = till_page(site)
    page.state()
    return page


def test_the_till_shows_cards_and_says_why_it_books_nothing(site: Site, page: TillPage) -> None:
    card = site.shop.join()
    with restored(site):
        assert page.state()["quarantined"] is True
        assert page.scan(page.number(card))["kind"] == "card"
        for verb, said in EVERY_VERB.items():
            told = page.press(card, verb, **said)["said"]
            assert (page.status, page.slug) == (503, "quarantined")
            assert told["title"] == "Booking stands still"
            assert "keep the receipts" in told["text"]
        assert site.shop.stand(card).balance == 2
    assert page.state()["quarantined"] is False
    assert page.scan(page.number(card))["kind"] == "booked"


def test_it_is_said_in_russian_too(site: Site) -> None:
    card, page = site.shop.join(), till_page(site, language="ru")
    with restored(site):
        assert page.press(card, "purchases", visits=1)["said"]["title"] == RUSSIAN


def test_a_manager_reads_how_to_open_it(site: Site) -> None:
    card, manager = site.shop.join(), site.cashier(name="Olga")
    token = manager.get("/office").form("/sign-out")[1]
    with restored(site):
        for page in (manager.get("/office"), manager.post(f"/office/cards/{card}/export", token)):
            assert "flask wallet quarantine open opens it again" in page.text
            assert "tell the manager" not in page.text
        assert page.status == 503


def test_what_waits_at_a_till_waits_on_and_is_booked_after_the_opening(site: Site, page: TillPage) -> None:
    till, card = offline_till(page), site.shop.join()
    booked = till.books(page.number(card))
    with restored(site):
        (verdict,) = till.sends(booked)
        assert verdict["verdict"] == "later"
    (verdict,) = till.sends(booked)
    assert verdict["verdict"] == "credited"
    assert site.shop.stand(card).balance == 3


def test_members_are_asked_to_come_back(site: Site) -> None:
    with restored(site):
        visitor = site.visitor()
        visitor.get("/join/coffee").press("/join/coffee")
        assert visitor.status == 503
        assert "Come back in an hour." in visitor.text


def test_a_machine_hears_when_to_ask_again(site: Site) -> None:
    services, card = site.shop.services, site.shop.join()
    with services.sessions.begin() as session:
        key = create_api_key(session, name="pos", entropy=services.entropy, now=site.clock())
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "one"}
    with restored(site):
        client = site.app.test_client()
        assert client.get(f"/api/v1/cards/{card}", headers=headers).status_code == 200
        answer = client.post(f"/api/v1/cards/{card}/purchases", json={"visits": 1}, headers=headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert answer.json["type"].endswith("#quarantined")  # type: ignore[index]
    answer = client.post(f"/api/v1/cards/{card}/purchases", json={"visits": 1}, headers=headers)
    assert answer.status_code == 201


def test_a_search_finds_cards_meanwhile(site: Site, page: TillPage) -> None:
    with restored(site):
        assert page.post("/search", {"digits": "1234"}) == {"found": []}
