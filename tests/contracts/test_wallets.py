"""What every wallet has to keep, told once for all of them; a new wallet adds a bench of its own below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pytest
from sqlalchemy import select

from simulators.apns.process import Simulator
from tests.apple.phones import Phones
from tests.google.google_shop import GoogleShop
from tests.shop import Shop
from wallet_service.db.tables import Outbox
from wallet_service.push import outbox
from wallet_service.push.wallet import Wallet
from wallet_service.push.worker import Worker


class Bench(Protocol):
    """How a test holds one wallet and its outside world."""

    @property
    def shop(self) -> Shop: ...

    @property
    def wallet(self) -> Wallet: ...

    def holder(self) -> str:
        """A card that somebody has in this wallet; answers its serial number."""
        ...

    def heard(self) -> int:
        """How many calls about changes the outside world has taken."""
        ...

    def fail(self, *, permanent: bool) -> None:
        """The next call fails, for now or for ever."""
        ...


@dataclass
class AppleBench:
    shop: Shop
    wallet: Wallet
    phones: Phones
    apns: Simulator

    def holder(self) -> str:
        card = self.shop.join()
        self.phones.register(card, card)
        return card

    def heard(self) -> int:
        return sum(push["status"] == 200 for push in self.apns.history())

    def fail(self, *, permanent: bool) -> None:
        passing = {"status": 503, "reason": "ServiceUnavailable", "times": 1}
        final = {"status": 413, "reason": "PayloadTooLarge", "times": 1}
        self.apns.turn(answers=[final if permanent else passing])


@dataclass
class GoogleBench:
    """Each counts what it was told of changes: the insert of a save is none."""

    shop: GoogleShop
    wallet: Wallet

    def holder(self) -> str:
        """With one purchase that Google has not heard of."""
        card = self.shop.saved_card()
        self.shop.earn(card)
        return card

    def heard(self) -> int:
        return sum(call["status"] == 200 for call in self.shop.patches())

    def fail(self, *, permanent: bool) -> None:
        self.shop.outside.script(verb="PATCH", status=400 if permanent else 503)


@pytest.fixture(params=["apple", "google"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "apple":
        parts = (request.getfixturevalue(name) for name in ("shop", "wallet", "phones", "apns"))
        return AppleBench(*parts)
    return GoogleBench(request.getfixturevalue("google_shop"), request.getfixturevalue("google_wallet"))


@pytest.fixture
def contract_worker(bench: Bench) -> Worker:
    return Worker(bench.shop.services.sessions, bench.wallet, bench.shop.clock)


def mark(bench: Bench) -> Outbox:
    with bench.shop.services.sessions.read() as session:
        return session.scalars(select(Outbox).where(Outbox.wallet == bench.wallet.name)).one()


def test_a_burst_is_told_once(bench: Bench, contract_worker: Worker) -> None:
    card = bench.holder()
    for _ in range(10):
        bench.shop.earn(card)
    contract_worker.run_until_idle()
    assert bench.heard() == 1
    assert mark(bench).told == mark(bench).wanted


def test_nothing_new_is_told_to_nobody(bench: Bench, contract_worker: Worker) -> None:
    bench.holder()
    contract_worker.run_until_idle()
    bench.shop.clock.forward(hours=1)
    contract_worker.run_until_idle()
    assert bench.heard() == 1


def test_a_card_that_nobody_holds_is_settled_without_a_call(bench: Bench, contract_worker: Worker) -> None:
    bench.shop.join()
    contract_worker.run_until_idle()
    assert bench.heard() == 0
    assert mark(bench).told == mark(bench).wanted


def test_a_crash_between_the_call_and_the_note_of_it_is_harmless(
    bench: Bench, contract_worker: Worker
) -> None:
    card = bench.holder()
    with bench.shop.services.sessions.begin() as session:
        _, notes = outbox.claim(session, bench.wallet.name, bench.shop.clock())
    list(bench.wallet.tell(notes, bench.shop.clock()))  # and here the worker dies
    assert bench.heard() == 1
    bench.shop.clock.forward(seconds=31)
    bench.shop.earn(card)
    contract_worker.run_until_idle()
    assert bench.heard() == 2
    assert mark(bench).told == mark(bench).wanted


def test_passing_trouble_is_repeated_until_it_is_over(bench: Bench, contract_worker: Worker) -> None:
    bench.holder()
    bench.fail(permanent=False)
    contract_worker.run_until_idle()
    assert (bench.heard(), mark(bench).parked) == (0, False)
    assert mark(bench).last_error
    bench.shop.clock.forward(minutes=20)
    contract_worker.run_until_idle()
    assert bench.heard() == 1
    assert mark(bench).last_error is None


def test_permanent_trouble_is_parked_and_shown_not_hammered(bench: Bench, contract_worker: Worker) -> None:
    bench.holder()
    bench.fail(permanent=True)
    contract_worker.run_until_idle()
    bench.shop.clock.forward(hours=1)
    contract_worker.run_until_idle()
    assert bench.heard() == 0
    assert mark(bench).parked
    assert mark(bench).last_error


def test_one_card_in_trouble_holds_nobody_else_up(bench: Bench, contract_worker: Worker) -> None:
    bench.holder()
    bench.fail(permanent=True)
    contract_worker.run_until_idle()
    bench.holder()
    contract_worker.run_until_idle()
    assert bench.heard() == 1
