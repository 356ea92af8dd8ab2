"""A manager connects a system of the shop, sees what it was told, and mends what went wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.services.receiver import Receiver
from tests.web.site import Site, Visitor
from wallet_service.push.webhooks.caller import Caller
from wallet_service.push.webhooks.drain import Drain
from wallet_service.wiring import utc_now


@pytest.fixture
def manager(site: Site) -> Visitor:
    return site.cashier(name="Olga")


def connect(manager: Visitor, name: str, url: str, **more: Any) -> str:
    """The secret that the page shows."""
    manager.get("/office/webhooks").press("/office/webhooks", name=name, url=url, **more)
    assert manager.answer is not None
    found = re.search(r"whsec_[\w+/=]+", manager.answer.text)
    assert found, manager.text
    return found[0]


def work(site: Site) -> None:
    services = site.shop.services
    drain = Drain(
        services.sessions, Caller(sandbox=True), services.settings.secret_keys, site.clock, stamp=utc_now
    )
    drain.run_until_idle()
    drain.close()


def test_connected_in_the_office_a_system_hears_a_test_and_a_purchase(site: Site, manager: Visitor) -> None:
    card = site.shop.join()
    with Receiver() as receiver:
        receiver.turn("crm", secret=connect(manager, "Our CRM", receiver.url("crm")))
        manager.get("/office/webhooks/1").press("/test")
        site.shop.earn(card)
        work(site)
        assert sorted(receiver.heard("crm")) == ["purchase.booked", "webhook.test"]
    shown = manager.get("/office/webhooks/1").text
    assert "A test" in shown
    assert shown.count("✓ Taken") == 2


def test_the_secret_is_shown_once(site: Site, manager: Visitor) -> None:
    secret = connect(manager, "Our CRM", "https://hooks.example.com/cards?key=abc")
    assert manager.answer is not None
    assert manager.answer.headers["Cache-Control"] == "no-store"
    for path in ("/office/webhooks", "/office/webhooks/1"):
        manager.get(path)
        assert manager.answer is not None
        assert secret not in manager.answer.text
        assert "key=abc" not in manager.answer.text
        assert "https://hooks.example.com/cards?…" in manager.text
    manager.press("/secret")
    assert manager.answer is not None
    renewed = re.search(r"whsec_[\w+/=]+", manager.answer.text)
    assert renewed
    assert renewed[0] != secret


def test_what_failed_says_why_and_is_sent_again_by_hand(site: Site, manager: Visitor) -> None:
    with Receiver() as receiver:
        receiver.turn(
            "crm", secret=connect(manager, "Our CRM", receiver.url("crm")), status=500, body="<b>full"
        )
        site.shop.join()
        work(site)
        shown = manager.get("/office/webhooks/1").text
        assert "Somebody took a card" in shown
        assert "It answered 500. <b>full" in shown
        assert "Waits; the next try is on 2 November" in shown
        receiver.turn("crm", status=200)
        manager.press("/deliveries/1")
        work(site)
        assert receiver.heard("crm") == ["card.joined"]
    assert "✓ Taken" in manager.get("/office/webhooks/1").text


def test_switched_off_it_hears_nothing_and_on_again_the_rest(site: Site, manager: Visitor) -> None:
    with Receiver() as receiver:
        receiver.turn("crm", secret=connect(manager, "Our CRM", receiver.url("crm")))
        site.shop.join()
        manager.get("/office/webhooks/1").press("/off")
        assert "Switched off on 2 November" in manager.text
        site.shop.join()
        work(site)
        assert receiver.heard("crm") == []
        assert "1 message waits" in manager.get("/office/webhooks").text
        manager.get("/office/webhooks/1").press("/on")
        work(site)
        assert receiver.heard("crm") == ["card.joined"]


def test_removed_it_is_gone_with_its_log(site: Site, manager: Visitor) -> None:
    connect(manager, "Our CRM", "https://hooks.example.com/")
    site.shop.join()
    manager.get("/office/webhooks/1").press("/remove")
    assert "No system of the shop listens yet." in manager.text
    assert manager.get("/office/webhooks/1").status == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "CRM", "url": "https://10.0.0.1/"}, "This address cannot be called"),
        ({"name": "", "url": "https://hooks.example.com/"}, "A name is missing"),
        ({"name": "CRM", "url": "https://hooks.example.com/", "event": "card.eaten"}, "This did not work"),
    ],
)
def test_what_cannot_be_added_is_said_on_the_page(manager: Visitor, typed: dict[str, str], said: str) -> None:
    manager.get("/office/webhooks").press("/office/webhooks", **typed)
    assert manager.status == 400
    assert said in manager.text


def test_two_of_a_name_are_refused(manager: Visitor) -> None:
    connect(manager, "CRM", "https://hooks.example.com/")
    manager.get("/office/webhooks").press("/office/webhooks", name="CRM", url="https://hooks.example.com/")
    assert "The name is taken" in manager.text


def test_sixteen_are_enough(manager: Visitor) -> None:
    for number in range(16):
        connect(manager, f"CRM {number}", "https://hooks.example.com/")
    manager.get("/office/webhooks").press(
        "/office/webhooks", name="One more", url="https://hooks.example.com/"
    )
    assert "Too many webhooks" in manager.text


def test_cashiers_do_not_see_it(site: Site) -> None:
    assert site.cashier().get("/office/webhooks").status == 403


def test_the_page_speaks_russian(site: Site) -> None:
    manager = site.cashier("ru", name="Olga")
    connect(manager, "Наша CRM", "https://hooks.example.com/", event=["purchase.booked"])
    assert "Учтена покупка" in manager.get("/office/webhooks/1").text
