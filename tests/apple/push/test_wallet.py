"""A change reaches every phone that wants it, once and over real HTTP/2, at the pace that Apple likes."""

from __future__ import annotations

from sqlalchemy import select, update

from simulators.apns.process import Simulator
from tests.apple.phones import PASS_TYPE, Phones, marks
from tests.shop import Shop
from wallet_service.db.tables import ApplePass, Card, Outbox, Telling
from wallet_service.push.outbox import CAMPAIGN
from wallet_service.push.worker import Worker


def quiet_change(shop: Shop, card: str) -> None:
    """A change that nobody needs to notice, such as new colours."""
    shop.earn(card)
    with shop.services.sessions.begin() as session:
        for mark in session.scalars(select(Outbox).where(Outbox.told < Outbox.wanted)):
            mark.notify = False


def test_N13_a_purchase_waits_for_nobody_and_its_push_follows(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    card = shop.join()
    phones.register(card, "alice")
    shop.earn(card)
    assert apns.history() == []
    worker.run_until_idle()
    (push,) = apns.history()
    assert (push["status"], push["topic"]) == (200, PASS_TYPE)
    assert [mark.told == mark.wanted for mark in marks(shop)] == [True]


def test_N12_one_push_for_many_cards_of_one_phone(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    for _ in range(5):
        phones.register(shop.join(), "family")
    worker.run_until_idle()
    assert len(apns.history()) == 1


def test_a_card_on_two_phones_wakes_both(shop: Shop, phones: Phones, worker: Worker, apns: Simulator) -> None:
    card = shop.join()
    phones.register(card, "phone")
    phones.register(card, "watch")
    worker.run_until_idle()
    assert len({push["token"] for push in apns.history()}) == 2


def test_T2_each_change_takes_the_next_number_of_its_pass_type(
    shop: Shop, phones: Phones, worker: Worker
) -> None:
    cards = [shop.join() for _ in range(3)]
    for card in cards:
        phones.register(card, card)
    worker.run_until_idle()
    with shop.services.sessions.read() as session:
        numbers = session.scalars(select(ApplePass.change_number)).all()
    assert sorted(numbers) == [1, 2, 3]
    assert phones.kind().last_number == 3


def test_N12_the_first_push_goes_at_once_and_a_later_silent_change_waits(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    card = shop.join()
    phones.register(card, "alice")
    worker.run_until_idle()
    shop.clock.forward(seconds=10)
    quiet_change(shop, card)
    worker.run_until_idle()
    assert len(apns.history()) == 1
    (mark,) = marks(shop)
    assert mark.told < mark.wanted
    assert mark.tries == 0
    shop.clock.forward(minutes=30)
    worker.run_until_idle()
    assert len(apns.history()) == 2


def test_N12_a_count_of_pushes_is_kept_for_each_phone(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    first, second = shop.join(), shop.join()
    device = phones.register(first, "family")
    phones.register(second, "family")
    worker.run_until_idle()
    for _ in range(2):
        shop.clock.forward(minutes=1)
        shop.earn(second)
        worker.run_until_idle()
    pace = phones.pace(device)
    assert pace is not None
    assert pace.pushes == len(apns.history()) == 3
    with shop.services.sessions.read() as session:
        tellings = session.scalars(select(Telling).order_by(Telling.id)).all()
    assert [told.phones for told in tellings] == [1, 1, 1, 1]
    assert {told.delivery for told in tellings[2:]} == {push["id"] for push in apns.history()[1:]}


def test_N12_a_purchase_does_not_wait_for_the_pace_of_silent_changes(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    card = shop.join()
    phones.register(card, "alice")
    worker.run_until_idle()
    shop.clock.forward(seconds=10)
    shop.earn(card)
    worker.run_until_idle()
    assert len(apns.history()) == 2


def test_a_phone_that_was_woken_is_not_woken_again_for_the_one_that_waits(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    card = shop.join()
    phones.register(card, "old")
    worker.run_until_idle()
    phones.register(card, "new")
    shop.clock.forward(minutes=10)
    quiet_change(shop, card)
    worker.run_until_idle()
    woken = [push["token"] for push in apns.history()]
    assert len(woken) == 2
    assert woken[0] != woken[1]
    for _ in range(6):
        shop.clock.forward(minutes=30)
        worker.run_until_idle()
    assert len(apns.history()) == 3


def test_N18_a_purchase_is_pushed_before_a_campaign_of_the_same_batch(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    for number in range(12):
        phones.register(shop.join(), f"card-{number}")
    phones.register(buyer := shop.join(), "buyer")
    with shop.services.sessions.begin() as session:
        of_buyer = select(Card.id).where(Card.serial == buyer).scalar_subquery()
        session.execute(update(Outbox).where(Outbox.card_id != of_buyer).values(priority=CAMPAIGN))
    worker.run_until_idle()
    assert apns.history()[0]["token"].startswith(b"buyer".hex())
    assert len(apns.history()) == 13


def test_N14_all_pushes_go_over_one_connection(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    before = apns.stats()["connections"]
    card = shop.join()
    phones.register(card, "alice")
    for _ in range(5):
        worker.run_until_idle()
        shop.clock.forward(seconds=5)
        shop.earn(card)
    assert apns.stats()["connections"] - before <= 1
