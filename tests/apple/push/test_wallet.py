"""A change reaches every phone that wants it, once, over real HTTP/2; and bad answers never cost a member."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from simulators.apns.process import Simulator
from tests.apple.phones import PASS_TYPE, Phones
from tests.apple.push_fixtures import wallet_of
from tests.shop import Shop
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.waking.wallet import AppleWallet
from wallet_service.db.tables import ApplePass, Card, Device, Outbox, Registration, Telling
from wallet_service.push.alarms import open_alarms
from wallet_service.push.outbox import CAMPAIGN
from wallet_service.push.worker import Worker


def marks(shop: Shop) -> list[Outbox]:
    with shop.services.sessions.read() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


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


def test_N10_a_refused_certificate_opens_the_circuit_and_costs_nothing(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    cards = [shop.join() for _ in range(3)]
    for card in cards:
        phones.register(card, card)
    apns.turn(answers=[{"status": 403, "reason": "BadCertificate", "times": 1}])
    worker.run_until_idle()
    assert len(apns.history()) == 1  # the others would hear the same
    with shop.services.sessions.read() as session:
        (alarm,) = open_alarms(session)
    assert (alarm.kind, alarm.subject) == ("apns-circuit", PASS_TYPE)
    assert "BadCertificate" in alarm.detail
    assert f"nothing is pushed for {PASS_TYPE}" in caplog.text
    assert phones.count() == 3
    assert all(mark.told < mark.wanted for mark in marks(shop))

    asked = len(apns.history())
    shop.clock.forward(minutes=1)
    shop.earn(cards[0])
    worker.run_until_idle()
    assert len(apns.history()) == asked  # nobody knocks while the circuit is open

    shop.clock.forward(minutes=5)
    worker.run_until_idle()
    assert len(apns.history()) == asked + 1  # one probe
    assert phones.kind().circuit_open_since is None
    shop.clock.forward(minutes=5)
    worker.run_until_idle()
    assert all(mark.told == mark.wanted for mark in marks(shop))
    with shop.services.sessions.read() as session:
        assert open_alarms(session) == []


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


def test_N10_a_missing_certificate_is_an_alarm_and_a_waiting_mark(
    shop: Shop, phones: Phones, apns: Simulator, tmp_path: Path
) -> None:
    phones.register(shop.join(), "alice")
    wallet = AppleWallet(
        shop.services.sessions, Keyring(tmp_path, shop.clock), apns_url=apns.url, apns_ca_file=None
    )
    Worker(shop.services.sessions, wallet, shop.clock).run_until_idle()
    with shop.services.sessions.read() as session:
        (alarm,) = open_alarms(session)
    assert PASS_TYPE in alarm.detail
    assert marks(shop)[0].tries == 0


def test_N10_a_certificate_that_vanished_while_the_line_was_open_is_one_too(
    shop: Shop, phones: Phones, apns: Simulator, certs: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes((certs / "sandbox" / "root.pem").read_bytes())
    wallet = wallet_of(shop, apns, certs, root=root)
    worker = Worker(shop.services.sessions, wallet, shop.clock)
    phones.register(card := shop.join(), "alice")
    worker.run_until_idle()
    root.unlink()
    shop.earn(card)
    shop.clock.forward(seconds=5)
    worker.run_until_idle()
    assert "root.pem" in str(phones.kind().circuit_reason)
    assert marks(shop)[0].tries == 0
    wallet.close()


class Vanishing(type(Path())):  # type: ignore[misc]
    """A file that is there when the line is opened and when the batch begins, and not after that."""

    looks = 0

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        self.looks += 1
        if self.looks > 2:
            raise FileNotFoundError(self)
        return Path(self).stat(follow_symlinks=follow_symlinks)


def test_N10_a_certificate_that_vanishes_amid_a_batch_opens_the_circuit_whatever_was_accepted_before(
    shop: Shop, phones: Phones, apns: Simulator, certs: Path
) -> None:
    keyring, root = Keyring(certs, shop.clock), Vanishing(certs / "sandbox" / "root.pem")
    wallet = AppleWallet(shop.services.sessions, keyring, apns_url=apns.url, apns_ca_file=root, deadline=0.3)
    for number in range(3):
        phones.register(shop.join(), f"phone-{number}")
    with shop.services.sessions.read() as session:
        tokens = session.scalars(select(Device.push_token).order_by(Device.id)).all()
    apns.turn(hang=tokens[1:])
    Worker(shop.services.sessions, wallet, shop.clock).step()
    assert "root.pem" in str(phones.kind().circuit_reason)
    assert sorted(mark.told == mark.wanted for mark in marks(shop)) == [False, False, True]
    assert all(mark.due_at > shop.clock() for mark in marks(shop) if mark.told < mark.wanted)
    wallet.close()


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


def test_N10_too_many_requests_slows_that_phone_down_only(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator
) -> None:
    busy = shop.join()
    device = phones.register(busy, "busy")
    apns.turn(answers=[{"status": 429, "reason": "TooManyRequests", "times": 1}])
    worker.run_until_idle()
    pace = phones.pace(device)
    assert pace is not None
    assert pace.not_before == shop.clock() + timedelta(minutes=10)
    phones.register(shop.join(), "other")
    worker.run_until_idle()
    assert apns.history()[-1]["status"] == 200
    shop.clock.forward(minutes=11)
    worker.run_until_idle()
    assert all(mark.told == mark.wanted for mark in marks(shop))


@pytest.mark.parametrize(("status", "reason"), [(500, "InternalServerError"), (503, "Shutdown")])
def test_N10_apples_own_trouble_is_waited_out(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator, status: int, reason: str
) -> None:
    phones.register(shop.join(), "alice")
    apns.turn(answers=[{"status": status, "reason": reason, "times": 1}])
    worker.run_until_idle()
    (mark,) = marks(shop)
    assert mark.due_at == shop.clock() + timedelta(minutes=15)
    assert str(status) in (mark.last_error or "")
    shop.clock.forward(minutes=15)
    worker.run_until_idle()
    assert marks(shop)[0].told == marks(shop)[0].wanted


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
    with shop.services.sessions.read() as session:
        assert {alarm.kind for alarm in open_alarms(session)} == {"apns-circuit", "apns-tokens"}

    for _ in range(2):  # mended: a probe, then all that waited
        shop.clock.forward(minutes=6)
        worker.run_until_idle()
    assert len([push for push in apns.history() if push["status"] == 200]) >= 40
    with shop.services.sessions.read() as session:
        assert open_alarms(session) == []


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
