"""Cards that show a campaign's version before it came to them go back with the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.actions.head_office import NEW_LOOK, Head, crowd
from tests.shop import make_shop
from wallet_service.actions import campaign_bystanders, campaign_changes
from wallet_service.db import queries
from wallet_service.db.tables import Card, Outbox, Telling
from wallet_service.domain.rollout import Plan

HELD = Plan(steps=(5, 100), watch_minutes=30)


@pytest.fixture
def head(tmp_path: Path, database_url: str) -> Iterator[Head]:
    shop = make_shop(tmp_path, database_url)
    for _ in range(20):
        shop.join()
    head = Head(shop)
    head.tell()
    yield head
    shop.services.sessions.close()


def hears_of_a_purchase(head: Head, number: int = 1) -> None:
    """So many of the first cards, and their phones are woken for it."""
    with head.shop.services.sessions.read() as session:
        serials = session.scalars(select(Card.serial).order_by(Card.id.desc()).limit(number)).all()
    for serial in serials:
        head.shop.earn(serial)
        now = head.shop.clock()
        with head.shop.services.sessions.begin() as session:
            card = queries.card(session, serial)
            told = Telling(card_id=card.id, wallet="apple", version=card.version, priority=0, phones=1)
            told.queued_at = told.accepted_at = now
            session.add(told)
    head.tell()


def going_back(head: Head) -> int:
    with head.shop.services.sessions.read() as session:
        return campaign_changes.rolled_back_cards(session, head.shop.program)


def marks(head: Head) -> int:
    with head.shop.services.sessions.read() as session:
        waiting = select(func.count()).where(Outbox.told < Outbox.wanted, Outbox.wallet == "apple")
        return session.scalar(waiting) or 0


def rolled_back(head: Head) -> int:
    done = head.say("roll_back")
    assert isinstance(done, tuple)
    head.work()
    return int(done[1])


def test_a_card_that_was_made_meanwhile_goes_back_too(head: Head) -> None:
    head.publish(HELD, **NEW_LOOK)
    head.work()
    head.shop.join()
    head.tell()
    marked = head.campaign().marked
    assert (going_back(head), rolled_back(head), marks(head)) == (marked + 1,) * 3
    assert head.looks() == {"coffee": 21}


@pytest.mark.parametrize(
    "changes", [{"welcome": 3}, NEW_LOOK | {"welcome": 3}], ids=["rules", "look-and-rules"]
)
def test_a_card_that_was_told_of_a_purchase_meanwhile_goes_back_too(
    head: Head, changes: dict[str, Any]
) -> None:
    head.publish(HELD, **changes)
    head.work()
    hears_of_a_purchase(head, 2)
    marked = head.campaign().marked
    assert (going_back(head), rolled_back(head), marks(head)) == (marked + 2,) * 3


def test_who_was_told_of_a_purchase_and_shows_the_look_of_before_is_left_alone(head: Head) -> None:
    head.publish(HELD, **NEW_LOOK)
    head.work()
    hears_of_a_purchase(head)
    marked = head.campaign().marked
    assert (going_back(head), rolled_back(head), marks(head)) == (marked,) * 3


def test_who_is_marked_and_told_of_a_purchase_counts_once(head: Head) -> None:
    head.publish(Plan(rate=1))
    head.slice(most=19)
    head.tell()
    hears_of_a_purchase(head, 1)
    everybody = head.campaign().marked + 1
    hears_of_a_purchase(head, 1)
    assert (going_back(head), rolled_back(head), marks(head)) == (everybody,) * 3


def test_where_very_many_show_it_already_everybody_hears(head: Head) -> None:
    head.publish(HELD, **NEW_LOOK)
    head.work()
    crowd(head.shop, campaign_bystanders.MOST + 1)
    everybody = 20 + campaign_bystanders.MOST + 1
    assert (going_back(head), rolled_back(head), marks(head)) == (everybody,) * 3
