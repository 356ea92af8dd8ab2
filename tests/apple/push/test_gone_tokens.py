"""A push token is forgotten when APNs says so, and never for a fault of ours or the lie of a member."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from simulators.apns.process import Simulator
from tests.apple.phones import Phones, marks
from tests.shop import Shop
from wallet_service.db.tables import Registration
from wallet_service.push.worker import Worker


def test_N10_410_removes_what_was_registered_before_it(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    card = shop.join()
    phones.register(card, "gone")
    shop.clock.forward(seconds=1)
    stamp = int((shop.clock() + timedelta(seconds=1)).timestamp() * 1000)
    apns.turn(answers=[{"status": 410, "reason": "Unregistered", "timestamp": stamp, "times": 1}])
    worker.run_until_idle()
    assert phones.count() == 0
    assert [mark.told == mark.wanted for mark in marks(shop)] == [True]


def test_N10_410_of_before_a_new_registration_removes_nothing(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    phones.register(shop.join(), "back")
    stamp = int((shop.clock() - timedelta(days=1)).timestamp() * 1000)
    apns.turn(answers=[{"status": 410, "reason": "Unregistered", "timestamp": stamp, "times": 1}])
    worker.run_until_idle()
    assert phones.count() == 1


def test_N10_a_bad_token_goes_after_the_second_time(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    phones.register(shop.join(), "good")
    worker.run_until_idle()
    card = shop.join()
    phones.register(card, "rubbish")
    apns.turn(answers=[{"status": 400, "reason": "BadDeviceToken", "times": 2}])
    worker.run_until_idle()
    assert phones.count() == 2
    shop.clock.forward(hours=1)
    worker.run_until_idle()
    assert phones.count() == 1


def test_N10_a_small_shop_with_a_wrong_address_keeps_its_phones(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    card = shop.join()
    phones.register(card, "good")
    apns.turn(answers=[{"status": 400, "reason": "BadDeviceToken", "times": 9}])
    for _ in range(5):
        worker.run_until_idle()
        shop.clock.forward(seconds=5)
        shop.earn(card)
    assert phones.count() == 1


@pytest.mark.parametrize("reason", ["DeviceTokenNotForTopic", "TopicDisallowed", "BadTopic"])
def test_N10_wiring_faults_never_delete_a_token(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator, reason: str
) -> None:
    phones.register(shop.join(), "alice")
    apns.turn(answers=[{"status": 400, "reason": reason, "times": 9}])
    for _ in range(3):
        worker.run_until_idle()
        shop.clock.forward(minutes=10)
    assert phones.count() == 1
    assert phones.kind().circuit_open_since is not None


def test_the_fuse_keeps_all_registrations_when_many_tokens_are_called_bad(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    cards = [shop.join() for _ in range(40)]
    for card in cards:
        phones.register(card, card)
    apns.turn(answers=[{"status": 400, "reason": "BadDeviceToken", "times": 500}])
    for _ in range(4):
        worker.run_until_idle()
        shop.clock.forward(minutes=6)
        for card in cards:
            shop.earn(card)
    assert phones.count() == 40
    assert phones.kind().circuit_open_since is not None


def test_the_circuit_that_bad_tokens_opened_closes_with_the_first_good_probe(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    cards = [shop.join() for _ in range(40)]
    for card in cards:
        phones.register(card, card)
    apns.turn(answers=[{"status": 400, "reason": "BadDeviceToken", "times": 40}])
    worker.run_until_idle()
    assert {alarm.kind for alarm in shop.alarms()} == {"apns-circuit", "apns-tokens"}

    for _ in range(2):  # mended: a probe, then all that waited
        shop.clock.forward(minutes=6)
        worker.run_until_idle()
    assert len([push for push in apns.history() if push["status"] == 200]) >= 40
    assert shop.alarms() == []


def test_one_member_with_many_made_up_tokens_silences_nobody(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    stranger, others = shop.join(), [shop.join() for _ in range(25)]
    for card in others:
        phones.register(card, card)
    made_up = [f"{number:064x}" for number in range(60)]
    for token in made_up:
        phones.register(stranger, token)
    apns.turn(answers=[{"reason": "BadDeviceToken", "times": None, "token": token} for token in made_up])
    for _ in range(3):
        worker.run_until_idle()
        shop.clock.forward(minutes=1)
        for card in (stranger, *others):
            shop.earn(card)
    assert phones.kind().circuit_open_since is None
    assert len([push for push in apns.history() if push["status"] == 200]) == 3 * len(others)
    assert phones.count() == len(others)  # the made-up ones are gone after the second time


def test_N19_tokens_of_other_wallet_apps_never_reach_apns(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    phones.register(shop.join(), "android:" + "z" * 80)
    worker.run_until_idle()
    assert apns.history() == []
    assert [mark.told == mark.wanted for mark in marks(shop)] == [True]


def test_N11_a_phone_that_left_is_unknown_until_apns_says_so(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    """A 410 may come days later by design: until then the registration counts."""
    card = shop.join()
    phones.register(card, "left")
    for day in range(3):
        shop.clock.forward(days=1)
        shop.earn(card, key=f"day-{day}", visits=1)
        worker.run_until_idle()
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Registration)).one()
