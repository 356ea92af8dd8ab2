"""Whoever looks on while everything breaks sees what must not be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.apple.phones import PASS_TYPE, Phones
from tests.faults.witnesses import Asking, Office, audit_amiss, never_listed
from tests.shop import Shop, make_shop
from wallet_service.apple.service.devices import number_changes
from wallet_service.db.tables import ApplePass, Card, Device


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = make_shop(tmp_path)
    yield made
    made.services.sessions.close()


def numbered(shop: Shop, *cards: str) -> str:
    """They changed, and got their numbers; answers the phone that holds them."""
    phones = Phones(shop)
    (device,) = {phones.register(card, "a") for card in cards}
    with shop.services.sessions.begin() as session:
        number_changes(session, PASS_TYPE, session.scalars(select(Card.id)).all())
        return session.get_one(Device, device).library_id


def unseen(shop: Shop, device: str, **listed: int) -> list[str]:
    with shop.services.sessions.read() as session:
        return list(never_listed(session, device, listed))


def test_a_change_that_was_never_listed_is_seen(shop: Shop) -> None:
    one, two = shop.join(), shop.join()
    device = numbered(shop, one, two)
    assert unseen(shop, device, **{one: 2, two: 2}) == []
    assert unseen(shop, device, **{one: 2, two: 1}) == [f"change 2 of card {two} was never listed"]
    shop.earn(one)
    (without_number,) = unseen(shop, device, **{one: 2, two: 2})
    assert f"card {one} is at" in without_number


def test_a_number_that_was_given_twice_is_seen(shop: Shop) -> None:
    one, two = shop.join(), shop.join()
    device = numbered(shop, one, two)
    with shop.services.sessions.begin() as session:
        session.execute(update(ApplePass).values(change_number=2))
    assert unseen(shop, device, **{one: 2, two: 2}) == [f"number 2 of {PASS_TYPE} was given 2 times"]


def test_a_tag_that_goes_back_or_changes_its_life_is_seen() -> None:
    phone = Asking(0)
    for tag in ("0a0a0a0a7", "0a0a0a0a9"):
        phone.hear({"lastUpdated": tag, "serialNumbers": ["one"]})
    assert (phone.listed, phone.amiss) == ({"one": 9}, [])
    phone.hear({"lastUpdated": "0a0a0a0a8", "serialNumbers": []})
    phone.hear({"lastUpdated": "0b0b0b0b9", "serialNumbers": []})
    phone.hear({"lastUpdated": 10, "serialNumbers": []})
    assert len(phone.amiss) == 3


def test_a_doing_that_was_acknowledged_and_not_written_down_is_seen(shop: Shop) -> None:
    office = Office(shop.services)
    office.turn()
    assert audit_amiss(shop.services, office) == []
    office.done += 1
    assert audit_amiss(shop.services, office) == ["1 lines of the audit for 2 doings, 1 tried"]
