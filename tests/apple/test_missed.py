"""A phone that was told of a change and never came for it is woken once more, once a day at most."""

from __future__ import annotations

import pytest

from tests.apple.followed import added, mark, tell, tellings
from tests.apple.service_fixtures import Service
from wallet_service.apple.service import missed
from wallet_service.cli import funnel_jobs
from wallet_service.push import outbox


@pytest.fixture
def card(service: Service) -> str:
    """On a phone that has all that was told of it."""
    phone = service.phone()
    card = added(service, phone)
    phone.fetch(card)
    service.desk.sightings.write()
    return card


def wake(service: Service) -> int:
    funnel_jobs.wake_missed(service.shop.services)
    return tell(service)


def test_a_phone_that_came_is_left_alone(service: Service, card: str) -> None:
    service.shop.earn(card)
    tell(service)
    service.phone().fetch(card)
    service.desk.sightings.write()
    service.clock.forward(hours=7)
    assert wake(service) == 0


def test_a_phone_that_did_not_come_for_six_hours_is_woken_once_more_quietly(
    service: Service, card: str
) -> None:
    _, tag = service.phone().listed()
    service.shop.earn(card)
    tell(service)
    _, tag = service.phone().listed(tag)  # it saw the card in the list, and lost the card itself
    service.clock.forward(hours=5.9)
    assert wake(service) == 0
    service.clock.forward(hours=0.2)
    funnel_jobs.wake_missed(service.shop.services)
    due = mark(service, card)
    assert (due.told, due.priority, due.notify) == (0, outbox.CAMPAIGN, False)
    assert tell(service) == 1
    assert service.phone().listed(tag)[0] == {card}


def test_at_most_once_a_day_and_for_a_week(service: Service, card: str) -> None:
    service.shop.earn(card)
    tell(service)
    before, woken = len(tellings(service)), 0
    for _ in range(12 * 12):
        service.clock.forward(hours=2)
        woken += wake(service)
    assert woken == len(tellings(service)) - before
    assert woken == missed.MOST_TIMES


def test_a_card_that_no_phone_asks_for_and_one_that_waits_already_are_not_woken(
    service: Service, card: str
) -> None:
    other = added(service, service.phone("second"))
    service.shop.earn(card)
    service.shop.earn(other)
    tell(service)
    service.phone().unregister(card)
    service.clock.forward(hours=7)
    service.shop.earn(other)  # its new version is due anyhow
    funnel_jobs.wake_missed(service.shop.services)
    assert mark(service, card).told > 0
    assert mark(service, other).priority == outbox.TILL


def test_on_both_databases_the_way_is_forgotten_after_a_month(on_both: Service) -> None:
    added(on_both)
    assert len(tellings(on_both)) == 1
    on_both.clock.forward(days=29)
    funnel_jobs.forget(on_both.shop.services)
    assert len(tellings(on_both)) == 1
    on_both.clock.forward(days=2)
    funnel_jobs.forget(on_both.shop.services)
    assert tellings(on_both) == []
    funnel_jobs.wake_missed(on_both.shop.services)
