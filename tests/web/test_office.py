"""The manager looks at the day."""

from __future__ import annotations

import re

import pytest

from tests.web.site import Site, Visitor
from wallet_service.db.tables import Alarm, DeviceLog


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
