"""A phone hears of every change of its cards, and of nothing else, whatever happens at the same moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.apple.service_fixtures import PASS_TYPE, Phone, Service
from wallet_service.apple.service.devices import SLICE, begin_new_life, number_changes, sweep
from wallet_service.db import queries
from wallet_service.db.tables import ApplePass, ApplePassType, Card, Device, Outbox, PushPace, Registration
from wallet_service.wiring import sweep_devices


@pytest.fixture
def cards(service: Service) -> list[str]:
    return [service.shop.join() for _ in range(3)]


def test_T1_the_tag_is_a_string_of_digits_and_letters(service: Service, cards: list[str]) -> None:
    phone = service.phone()
    phone.add(cards[0])
    service.change_and_number(cards[0])
    assert re.fullmatch("[0-9a-z]+", phone.changed().get_json()["lastUpdated"])


def test_T2_changes_at_the_same_moment_and_with_a_clock_gone_back_are_all_told(
    service: Service, cards: list[str]
) -> None:
    phone = service.phone()
    for card in cards:
        phone.add(card)
    _, tag = phone.listed()
    for card, hours in zip(cards, (0, 0, -5), strict=True):
        service.clock.forward(hours=hours)
        service.change_and_number(card)
        serials, tag = phone.listed(tag)
        assert serials == {card}


@contextmanager
def held_numbering(service: Service, card: str) -> Iterator[None]:
    """A worker that has numbered the card, and whose commit is late."""
    numbered, commit = Event(), Event()

    def number() -> None:
        with service.shop.services.sessions.begin() as session:
            number_changes(session, PASS_TYPE, [queries.card(session, card).id])
            session.flush()
            numbered.set()
            assert commit.wait(10)

    with ThreadPoolExecutor(1) as thread:
        late = thread.submit(number)
        try:
            assert numbered.wait(10)
            yield
        finally:
            commit.set()
            late.result(10)


def test_T3_a_number_never_becomes_visible_before_a_lower_one(on_both: Service) -> None:
    """Stepped: the first numbering is held back before its commit, while the second one wants to begin."""
    first, second, phone = on_both.shop.join(), on_both.shop.join(), on_both.phone()
    phone.add(first)
    phone.add(second)
    _, tag = phone.listed()
    on_both.change(first)
    on_both.change(second)
    with ThreadPoolExecutor(1) as thread:
        with held_numbering(on_both, first):
            other: Future[int] = thread.submit(on_both.number, second)
            with pytest.raises(TimeoutError):
                other.result(0.5)
            assert phone.changed(tag).status_code == 204, "nothing is visible yet"
        assert other.result(10) == 1
    numbers = change_numbers(on_both)
    assert numbers[first] < numbers[second]
    assert phone.listed(tag)[0] == {first, second}
    assert phone.listed(f"{tag[:8]}{numbers[first]}")[0] == {second}


def change_numbers(service: Service) -> dict[str, int]:
    with service.shop.services.sessions.read() as session:
        rows = session.execute(select(Card.serial, ApplePass.change_number).join(ApplePass))
        return dict(rows.all())


def test_T3_ten_workers_at_once_give_every_number_once(on_both: Service) -> None:
    cards = [on_both.shop.join() for _ in range(10)]
    for card in cards:
        on_both.phone().add(card)
        on_both.change(card)
    with ThreadPoolExecutor(10) as threads:
        given = sum(threads.map(lambda card: on_both.number(card), cards))
    assert given == 10
    assert sorted(change_numbers(on_both).values()) == list(range(1, 11))


def test_T4_tag_and_list_come_from_one_moment(on_both: Service) -> None:
    """A phone polls while cards are numbered: what a tag covers has been listed."""
    cards, phone = [on_both.shop.join() for _ in range(5)], on_both.phone()
    for card in cards:
        phone.add(card)
    _, tag = phone.listed()
    done = Event()

    def poll(tag: str) -> set[str]:
        seen: set[str] = set()
        while not done.is_set():
            serials, tag = phone.listed(tag)
            seen |= serials
        return seen | phone.listed(tag)[0]

    with ThreadPoolExecutor(1) as thread:
        polling = thread.submit(poll, tag)
        for card in cards:
            on_both.change_and_number(card)
        done.set()
        assert polling.result(10) == set(cards)


def test_T5_the_tag_advances_whenever_something_is_listed(service: Service, cards: list[str]) -> None:
    phone = service.phone()
    phone.add(cards[0])
    tags = [phone.listed()[1]]
    for _ in range(3):
        service.change_and_number(cards[0])
        tags.append(phone.listed(tags[-1])[1])
    assert len(set(tags)) == 4
    assert b"lastUpdated" not in phone.changed(tags[-1]).data


def test_T6_only_what_changed_is_numbered_and_listed(service: Service, cards: list[str]) -> None:
    phone = service.phone()
    for card in cards:
        phone.add(card)
    _, tag = phone.listed()
    service.change(cards[1])
    assert service.number(*cards) == 1
    assert service.number(*cards) == 0
    assert phone.listed(tag)[0] == {cards[1]}


def test_T6_a_card_is_not_listed_for_what_the_phone_downloaded(service: Service) -> None:
    """The mark of joining may be told after the card was added: there is nothing new in it."""
    old, card, phone = service.shop.join(), service.shop.join(), service.phone()
    phone.add(old)
    service.change_and_number(old)
    phone.add(card)
    _, tag = phone.listed()
    assert service.number(old, card) == 0
    assert phone.changed(tag).status_code == 204


def test_T6_a_device_hears_of_its_own_cards_only(service: Service, cards: list[str]) -> None:
    mine, other = service.phone("mine"), service.phone("other")
    mine.add(cards[0])
    other.add(cards[1])
    service.change_and_number(*cards)
    assert mine.listed()[0] == {cards[0]}
    assert other.listed()[0] == {cards[1]}


def due(service: Service, card: str) -> bool:
    with service.shop.services.sessions.read() as session:
        mark = session.scalars(select(Outbox).join(Card).where(Card.serial == card)).one()
        return mark.told < mark.wanted and mark.due_at <= service.clock()


def tell(service: Service, card: str) -> None:
    """As if the worker had told everybody who was registered."""
    service.number(card)
    with service.shop.services.sessions.begin() as session:
        ours = Outbox.card_id == select(Card.id).where(Card.serial == card).scalar_subquery()
        session.execute(update(Outbox).where(ours).values(told=Outbox.wanted))


def test_T7_a_change_between_download_and_registration_is_told(on_both: Service) -> None:
    card, phone = on_both.shop.join(), on_both.phone()
    phone.fetch(card)
    on_both.change(card)
    tell(on_both, card)
    assert not due(on_both, card)
    phone.register(card)
    assert due(on_both, card), "the worker wakes the phone"
    _, tag = phone.listed()
    assert on_both.number(card) == 1
    assert phone.listed(tag)[0] == {card}


def test_T7_a_phone_is_not_forgotten_because_another_has_fetched_the_change(on_both: Service) -> None:
    card, slow, quick = on_both.shop.join(), on_both.phone("slow"), on_both.phone("quick")
    slow.fetch(card)
    on_both.change(card)
    quick.add(card)
    tell(on_both, card)
    slow.register(card)
    on_both.clock.forward(seconds=3)
    assert due(on_both, card), "the slow phone still holds what it downloaded first"


def test_T7_a_phone_that_has_the_newest_card_is_not_woken(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    phone.fetch(card)
    tell(service, card)
    phone.register(card)
    phone.register(card)
    assert not due(service, card)
    assert service.number(card) == 0


def test_a_card_lives_on_so_many_phones_and_no_more(service: Service) -> None:
    card = service.shop.join()
    for number in range(40):
        service.clock.forward(seconds=1)
        service.phone(f"phone-{number}").add(card)
    assert service.count(Registration) == 32
    assert service.phone("phone-39").listed()[0] == {card}
    assert service.phone("phone-0").changed().status_code == 204


def test_T8_a_card_that_is_added_again_is_in_the_whole_list(service: Service, cards: list[str]) -> None:
    phone = service.phone()
    phone.add(cards[0])
    service.change_and_number(cards[0])
    phone.unregister(cards[0])
    assert phone.changed().status_code == 204
    phone.add(cards[0])
    assert phone.listed()[0] == {cards[0]}


def test_T9_after_a_restore_no_phone_misses_a_change(on_both: Service) -> None:
    """The backup is from before a change that a phone has seen; its tag and date are ahead of us."""
    card, phone = on_both.shop.join(), on_both.phone()
    phone.add(card)
    kept = counters(on_both)
    for _ in range(3):
        on_both.change_and_number(card)
        on_both.clock.forward(seconds=1)
    _, ahead = phone.listed()
    stamp = phone.fetch(card).headers["Last-Modified"]
    restore(on_both, kept)
    for _ in range(4):
        on_both.change_and_number(card)
    serials, tag = phone.listed(ahead)
    assert serials == {card}
    assert phone.changed(tag).status_code == 204
    assert phone.fetch(card, since=stamp).status_code == 200


def counters(service: Service) -> int:
    with service.shop.services.sessions.read() as session:
        return session.get_one(ApplePassType, PASS_TYPE).last_number


def restore(service: Service, last_number: int) -> None:
    with service.shop.services.sessions.begin() as session:
        session.get_one(ApplePassType, PASS_TYPE).last_number = last_number
        begin_new_life(session, service.shop.services.entropy)


def test_a_phone_that_left_is_forgotten_after_a_day(service: Service, cards: list[str]) -> None:
    stays, left = service.phone("stays"), service.phone("left")
    stays.add(cards[0])
    left.add(cards[1])
    left.unregister(cards[1])
    with service.shop.services.sessions.begin() as session:
        device = session.scalars(select(Device).where(Device.library_id == "left")).one()
        session.add(PushPace(device_id=device.id, pass_type=PASS_TYPE, pushed_at=service.clock()))
        assert sweep(session, service.clock()) == 0
    with service.shop.services.sessions.begin() as session:
        assert sweep(session, service.clock() + timedelta(days=2)) == 1
    assert (service.count(Device), service.count(Registration), service.count(PushPace)) == (1, 1, 0)


def test_however_many_left_they_are_forgotten_together(service: Service) -> None:
    now, services = service.clock(), service.shop.services
    with services.sessions.begin() as session:
        for number in range(SLICE + 1):
            known = {"library_id": f"phone-{number}", "push_token": "ab" * 32}
            session.add(Device(**known, token_set_at=now - timedelta(days=2), created_at=now))
    sweep_devices(services)
    assert service.count(Device) == 0


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(0, 2)),
        st.tuples(st.just("number"), st.sets(st.integers(0, 2), min_size=1)),
        st.tuples(st.just("list"), st.integers(0, 1)),
    ),
    max_size=24,
)
NAMES = count()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_T3_T6_no_order_of_changes_numberings_and_lists_skips_a_change(
    service: Service, steps: list[tuple[str, int | set[int]]]
) -> None:
    story = Story(service)
    for verb, what in steps:
        getattr(story, verb)(what)
    story.number({0, 1, 2})
    for phone in (0, 1):
        story.list(phone)
        assert story.seen[phone] == story.versions


class Story:
    """Three cards on two phones, each of which remembers its tag and the version that it fetched last."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.cards = [service.shop.join() for _ in range(3)]
        self.versions = dict.fromkeys(self.cards, 0)
        self.phones: list[Phone] = [service.phone(f"phone-{next(NAMES)}") for _ in range(2)]
        for phone in self.phones:
            for card in self.cards:
                phone.register(card)
        self.number({0, 1, 2})
        self.tags = [phone.listed()[1] for phone in self.phones]
        self.seen = [dict(self.versions) for _ in self.phones]

    def change(self, card: int) -> None:
        with self.service.shop.services.sessions.begin() as session:
            queries.card_for_update(session, self.cards[card]).version += 1
        self.versions[self.cards[card]] += 1

    def number(self, cards: set[int]) -> None:
        self.service.number(*(self.cards[card] for card in cards))

    def list(self, phone: int) -> None:
        serials, self.tags[phone] = self.phones[phone].listed(self.tags[phone])
        for serial in serials:
            self.seen[phone][serial] = self.versions[serial]
