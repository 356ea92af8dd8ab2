"""What phones list and fetch is written down behind their back, and tells how far each change has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import select

from tests.apple.followed import added, pace, tell, tellings
from tests.apple.service_fixtures import PASS_TYPE, Service
from wallet_service.apple.service.sightings import Sightings
from wallet_service.db.session import Sessions
from wallet_service.db.tables import ApplePass, Device, PushPace


def seen(service: Service) -> ApplePass:
    with service.shop.services.sessions.read() as session:
        return session.scalars(select(ApplePass)).one()


def test_the_way_of_a_change_from_the_till_to_the_phone(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    service.desk.sightings.write()
    _, tag = phone.listed()
    queued = service.clock()
    service.shop.earn(card)
    accepted = service.clock.forward(seconds=1)
    tell(service)
    listed = service.clock.forward(seconds=1)
    assert phone.listed(tag)[0] == {card}
    fetched = service.clock.forward(seconds=1)
    assert phone.fetch(card).status_code == 200
    service.desk.sightings.write()
    last = tellings(service)[-1]
    assert (last.queued_at, last.accepted_at) == (queued, accepted)
    assert (last.listed_at, last.fetched_at) == (listed, fetched)
    assert (last.phones, len(last.delivery or "")) == (1, 36)


def test_a_phone_may_be_quicker_than_the_worker_writes_that_it_was_woken(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    service.shop.earn(card)
    service.number(card)
    phone.listed()
    phone.fetch(card)
    service.desk.sightings.write()
    tell(service)
    service.desk.sightings.write()
    assert tellings(service)[-1].fetched_at == service.clock()


def test_what_was_seen_long_before_says_nothing_of_a_later_telling(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    phone.fetch(card)
    service.desk.sightings.write()
    service.clock.forward(seconds=20)
    service.shop.earn(card)
    tell(service)
    service.desk.sightings.write()
    assert tellings(service)[-1].fetched_at is None


def test_a_304_says_that_the_phone_has_the_newest(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    service.shop.earn(card)
    tell(service)
    stamp = phone.fetch(card).headers["Last-Modified"]
    service.desk.sightings.write()
    later = service.clock.forward(hours=1)
    assert phone.fetch(card, since=stamp).status_code == 304
    service.desk.sightings.write()
    assert seen(service).fetched_at == later


def test_a_version_before_is_not_the_one_that_was_told(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    phone.fetch(card)
    service.shop.earn(card)
    tell(service)
    service.desk.sightings.write()
    assert tellings(service)[-1].fetched_at is None


def test_the_number_in_the_tag_that_a_phone_has_is_known(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    with service.shop.services.sessions.begin() as session:
        device = session.scalars(select(Device)).one()
        session.add(PushPace(device_id=device.id, pass_type=PASS_TYPE, pushed_at=service.clock()))
    service.change_and_number(card)
    _, tag = phone.listed()
    service.desk.sightings.write()
    assert (pace(service).listed_at, pace(service).listed_number) == (service.clock(), 1)
    service.clock.forward(minutes=1)
    assert phone.changed(tag).status_code == 204
    service.desk.sightings.write()
    assert (pace(service).listed_at, pace(service).listed_number) == (service.clock(), 1)


def test_strangers_and_wrong_tokens_leave_no_trace(service: Service) -> None:
    card = added(service)
    service.desk.sightings.write()
    service.clock.forward(minutes=1)
    service.phone("stranger").changed()
    service.phone().fetch(card, headers={"Authorization": "ApplePass wrong"})
    before = seen(service).fetched_at
    service.desk.sightings.write()
    assert seen(service).fetched_at == before


def test_on_both_databases_many_are_written_in_slices(on_both: Service) -> None:
    cards = [on_both.shop.join() for _ in range(3)]
    phone = on_both.phone()
    for card in cards:
        phone.add(card)
    tell(on_both)
    on_both.clock.forward(minutes=1)
    for card in cards:
        on_both.shop.earn(card)
    tell(on_both)
    phone.listed()
    for card in cards:
        phone.fetch(card)
    on_both.desk.sightings.write()
    assert all(one.fetched_at for one in tellings(on_both))


def test_a_serving_process_writes_by_itself(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    service.desk.sightings.begin()
    service.shop.earn(card)
    tell(service)
    phone.fetch(card)
    wait_for(lambda: tellings(service)[-1].fetched_at is not None)


def wait_for(look: Callable[[], bool], seconds: float = 30) -> None:
    given_up = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < given_up
        time.sleep(0.05)


def test_a_database_that_somebody_else_has_costs_no_more_than_what_was_seen(service: Service) -> None:
    phone = service.phone()
    card = added(service, phone)
    patient = service.shop.services.sessions
    if not patient.sqlite:
        pytest.skip("there nobody has it alone")
    hasty = Sessions(service.shop.services.settings.database_url, patience_ms=1)
    sightings = Sightings(hasty, service.clock)
    phone.fetch(card)
    with service.shop.services.sessions.read() as session:
        seen_card = session.scalars(select(ApplePass.card_id)).one()
    sightings.fetched(seen_card, 1)
    holding, let_go = Event(), Event()

    def hold() -> None:
        with hasty.begin():
            holding.set()
            let_go.wait(30)

    with ThreadPoolExecutor(1) as other:
        other.submit(hold)
        assert holding.wait(30)
        sightings.write()  # nobody hears of it
        let_go.set()
    hasty.close()
