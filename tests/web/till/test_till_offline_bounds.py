"""How often, how late and for whom a till may have booked without a network."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.web.site import Site
from tests.web.till.offline import (
    CREDITED,
    REFUSED,
    OfflineTill,
    number,
    offline_till,
    stamp,
)
from tests.web.till.page import rows, till_page
from wallet_service.db.tables import Shift, Staff


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Without a network a card earns 3 times a day."),
        ("ru", "Без сети по карте начисляется 3 раза в день."),
    ],
)
def test_a_card_earns_without_a_network_as_often_a_day_as_the_program_says(
    site: Site, language: str, said: str
) -> None:
    till, card = offline_till(till_page(site, language)), number(site)
    booked = []
    for _ in range(4):
        booked.append(till.books(card))
        site.clock.forward(minutes=20)
    verdicts = till.sends(*booked)
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, CREDITED, CREDITED, REFUSED]
    assert verdicts[3]["said"]["text"] == said


def test_the_next_day_the_card_earns_again(site: Site, till: OfflineTill) -> None:
    site.shop.publish(offline_a_day=1)
    card = number(site)
    site.clock.forward(hours=11)  # 22:00 in Moscow
    first, second = till.books(card), till.books(card, at=stamp(site.clock() + timedelta(minutes=30)))
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Shift).values(began_at=site.clock()))
    site.clock.forward(hours=3)
    third = till.signed(json.loads(second["said"]) | {"id": "next-day", "at": stamp(site.clock())})
    verdicts = [verdict["verdict"] for verdict in till_of(site, till).sends(first, second, third)]
    assert verdicts == [CREDITED, REFUSED, CREDITED]


def till_of(site: Site, till: OfflineTill) -> OfflineTill:
    """The same browser, with whoever stands there signed in again."""
    with till.page.visitor.client.session_transaction() as kept:
        kept["since"] = int(site.clock().timestamp())
    till.page.state()
    return till


def test_a_program_may_count_nothing_without_a_network(site: Site, till: OfflineTill) -> None:
    site.shop.publish(offline_a_day=0)
    (verdict,) = till.sends(till.books(number(site)))
    assert verdict["verdict"] == REFUSED
    assert till.page.state()["offline"]["per_card_a_day"] == 0


def test_a_till_books_two_hundred_a_day_and_no_more(site: Site, till: OfflineTill) -> None:
    site.shop.publish(offline_a_day=1_000, purchases_a_day=1_000, repeat_minutes=0)
    card = number(site)
    for _ in range(4):
        assert {one["verdict"] for one in till.sends(*(till.books(card) for _ in range(50)))} == {CREDITED}
    verdicts = till.sends(till.books(card), till.books(number(site)))
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED, REFUSED]
    assert "200 times a day" in verdicts[0]["said"]["text"]
    other = offline_till(till_page(site, name="Olga"))
    assert other.sends(other.books(number(site)))[0]["verdict"] == CREDITED


def test_nobody_speaks_for_a_colleague_who_was_not_there(site: Site, till: OfflineTill) -> None:
    with site.shop.services.sessions.read() as session:
        olga = session.scalars(select(Staff.id).where(Staff.name == "Olga")).one()
    other_shift = till_page(site, name="Olga").state()["shift"]
    verdicts = till.sends(
        till.books(number(site), operator=olga),
        till.books(number(site), shift=999),
        till.books(number(site), shift=other_shift, operator=olga),
        till.books(number(site), operator=999),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED] * 4
    assert verdicts[0]["said"]["title"] == "Nobody on shift"
    assert rows(site, "earn") == []


def test_what_happened_outside_the_shift_is_refused(site: Site, till: OfflineTill) -> None:
    began = site.clock()
    site.clock.forward(hours=1)
    in_it, ended = till.books(number(site)), site.clock()
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Shift).values(ended_at=ended))
    site.clock.forward(hours=1)
    later = offline_till(till_page(site))
    later.page = till.page = again(site, till)
    verdicts = till.sends(
        in_it,
        till.signed(json.loads(in_it["said"]) | {"id": "before", "at": stamp(began - timedelta(minutes=5))}),
        till.signed(json.loads(in_it["said"]) | {"id": "after", "at": stamp(ended + timedelta(minutes=5))}),
        till.signed(
            json.loads(in_it["said"]) | {"id": "a-little", "at": stamp(ended + timedelta(minutes=1))}
        ),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, REFUSED, REFUSED, CREDITED]


def test_a_shift_of_a_second_is_one(site: Site, till: OfflineTill) -> None:
    """The moment of an operation is in whole seconds."""
    booked = till.books(number(site))
    with site.shop.services.sessions.begin() as session:
        later = {"began_at": site.clock() + timedelta(milliseconds=400)}
        session.execute(update(Shift).values(**later, ended_at=site.clock() + timedelta(seconds=2)))
    site.clock.forward(seconds=10)
    till.page = again(site, till)
    assert till.sends(booked)[0]["verdict"] == CREDITED


def again(site: Site, till: OfflineTill) -> Any:
    """Somebody signs in at the same browser."""
    page = till.page
    with site.shop.services.sessions.begin() as session:
        shift = Shift(till_id=1, staff_id=1, began_at=site.clock())
        session.add(shift)
        session.flush()
        number = shift.id
    with page.visitor.client.session_transaction() as kept:
        kept.update(shift=number, since=int(site.clock().timestamp()))
    page.state()
    return page


@pytest.mark.parametrize(("hours", "verdict"), [(71, CREDITED), (73, REFUSED)])
def test_an_operation_waits_for_three_days_and_no_longer(
    site: Site, till: OfflineTill, hours: int, verdict: str
) -> None:
    signed = till.books(number(site))
    site.clock.forward(hours=hours)
    till.page = again(site, till)
    assert till.sends(signed)[0]["verdict"] == verdict


@pytest.mark.parametrize(
    "at",
    [
        "",
        "now",
        "2026-11-02T08:00:00",
        "2026-11-02T08:00:00+03:00",
        "2026-13-02T08:00:00Z",
        "2126-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_that_cannot_be_is_refused(site: Site, till: OfflineTill, at: str) -> None:
    assert till.sends(till.books(number(site), at=at))[0]["verdict"] == REFUSED
