"""APNs refuses us or has troubles of its own: pushes wait, an alarm says why, and nothing is lost."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from simulators.apns.process import Simulator
from tests.apple.phones import PASS_TYPE, Phones, marks
from tests.apple.push_fixtures import wallet_of
from tests.shop import Shop
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.waking.wallet import AppleWallet
from wallet_service.db.tables import Device
from wallet_service.push.worker import Worker


def test_N10_a_refused_certificate_opens_the_circuit_and_costs_nothing(
    shop: Shop, phones: Phones, worker: Worker, apns: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    cards = [shop.join() for _ in range(3)]
    for card in cards:
        phones.register(card, card)
    apns.turn(answers=[{"status": 403, "reason": "BadCertificate", "times": 1}])
    worker.run_until_idle()
    assert len(apns.history()) == 1  # the others would hear the same
    (alarm,) = shop.alarms()
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
    assert shop.alarms() == []


def test_N10_a_missing_certificate_is_an_alarm_and_a_waiting_mark(
    shop: Shop, phones: Phones, apns: Simulator, tmp_path: Path
) -> None:
    phones.register(shop.join(), "alice")
    wallet = AppleWallet(
        shop.services.sessions, Keyring(tmp_path, shop.clock), apns_url=apns.url, apns_ca_file=None
    )
    Worker(shop.services.sessions, wallet, shop.clock).run_until_idle()
    (alarm,) = shop.alarms()
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
