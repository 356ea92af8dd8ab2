"""What stood out in a week, told from the ledger: nobody was asked, and no booking paid for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from tests.shop import Shop
from wallet_service.actions.once import Actor
from wallet_service.actions.outliers import Favour, Review
from wallet_service.actions.review import review
from wallet_service.actions.staff import add_staff
from wallet_service.db import queries
from wallet_service.db.tables import Staff

BY_AMOUNT = {
    "visit_minimum": 0,
    "time_zone": "UTC",
    "rules": [{"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 10_000, "give": 1}}]}],
}


@pytest.fixture
def shop(street: Shop) -> Shop:
    """In a store of its own, where `staff:7` serves: the street is full of others."""
    shop = street.next_door(**BY_AMOUNT)
    return replace(shop, cashier=Actor(f"staff:7-{shop.program}", store=shop.program, till="1"))


def at(shop: Shop, who: str, till: str = "1") -> Shop:
    return replace(shop, cashier=Actor(f"staff:{who}-{shop.program}", store=shop.program, till=till))


def looked(shop: Shop) -> Review:
    with shop.services.sessions.read() as session:
        return review(session, shop.clock())


def visits(shop: Shop, card: str, count: int, **apart: float) -> None:
    for _ in range(count):
        shop.earn(card, total=20_000)
        shop.clock.forward(**(apart or {"minutes": 30}))


def test_S9_a_card_that_one_till_serves_more_than_three_times_a_day(shop: Shop) -> None:
    friend, guest = shop.join(), shop.join()
    visits(shop, guest, 3)
    visits(shop, friend, 4)
    visits(at(shop, "8", till="2"), guest, 1)
    (found,) = [one for one in looked(shop).repeated if one.store == shop.program]
    assert (found.serial, found.till, found.day) == (friend, "1", date(2026, 11, 2))
    assert (found.times, found.most) == (4, 3)


def test_S9_a_card_that_one_till_serves_more_than_eight_times_a_week(shop: Shop) -> None:
    friend = shop.join()
    for _ in range(3):
        visits(shop, friend, 3)
        shop.clock.forward(days=1)
    (found,) = [one for one in looked(shop).repeated if one.store == shop.program]
    assert (found.serial, found.day, found.times, found.most) == (friend, None, 9, 8)
    shop.clock.forward(days=7)
    assert [one for one in looked(shop).repeated if one.store == shop.program] == []


def test_S9_the_cards_that_a_cashier_serves_most(shop: Shop) -> None:
    friend, guest = shop.join(), shop.join()
    visits(shop, friend, 5)
    visits(at(shop, "8"), friend, 1)
    visits(shop, guest, 4)
    (found,) = [one for one in looked(shop).served if one.who.endswith(shop.program)]
    assert (found.who, found.serial) == (shop.cashier.name, friend)
    assert (found.times, found.of, found.most_a_day) == (5, 6, 5)


def test_S9_a_cashier_who_takes_back_more_than_others(shop: Shop) -> None:
    card = shop.join()
    for _ in range(5):
        shop.undo(shop.earn(card, total=20_000))
    visits(at(shop, "8"), card, 10)
    honest = at(shop, "8")
    honest.undo(honest.earn(card, total=20_000))
    honest.adjust(card, 3)
    found = [one for one in looked(shop).took_back if one.who.endswith(shop.program)]
    assert [(one.corrections, one.undos, one.bookings, one.stands_out) for one in found] == [
        (0, 5, 5, True),
        (1, 1, 11, False),
    ]


def test_S9_a_cashiers_own_card_that_the_same_colleague_serves_again_and_again(shop: Shop) -> None:
    own, now = shop.join("Anna"), shop.clock()
    with shop.services.sessions.begin() as session:
        pin = f"{100_000 + len(shop.program) * 1000 + next(shop.keys)}"
        anna = add_staff(session, name=f"Anna of {shop.program}", role="cashier", pin=pin, now=now)
        carried = queries.card(session, own).id
        session.execute(update(Staff).where(Staff.id == anna.id).values(own_card_id=carried))
    visits(shop, own, 2, days=1)
    assert favours(shop, own) == []
    visits(shop, own, 1, days=1)
    visits(at(shop, "8"), own, 1, days=1)
    assert favours(shop, own) == [Favour(f"staff:{anna.id}", shop.cashier.name, own, 3, 4)]
    shop.clock.forward(days=28)
    assert favours(shop, own) == []


def favours(shop: Shop, own: str) -> list[Favour]:
    return [one for one in looked(shop).favours if one.serial == own]


def test_S9_what_was_booked_and_taken_back_while_the_shop_was_closed(street: Shop) -> None:
    shop = street.next_door(**BY_AMOUNT, guards={"hours": ["09:00", "21:00"]})
    card = shop.join()
    early = shop.earn(card, total=20_000)
    shop.undo(early)
    shop.clock.forward(hours=2)
    shop.undo(shop.earn(card, total=20_000))
    with_hours = [one for one in looked(shop).late if one.serial == card]
    assert [(one.kind.value, one.at) for one in with_hours] == [
        ("reverse", shop.clock() - timedelta(hours=2)),
        ("earn", shop.clock() - timedelta(hours=2)),
    ]
