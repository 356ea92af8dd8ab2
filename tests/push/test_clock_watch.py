"""F11: clocks that step back, leap ahead, or were wrong from the start of the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.push.hearing import listen
from tests.push.notebook import Notebook
from tests.shop import OPENING, Shop
from wallet_service.db.tables import Installation, Outbox, WebhookDelivery
from wallet_service.push import clock_watch, outbox
from wallet_service.push.alarms import open_alarms
from wallet_service.push.clock_watch import ClockWatch
from wallet_service.push.wallet import TOLD, Outcome, Result
from wallet_service.push.webhooks import deliveries
from wallet_service.push.worker import Worker

IN_2038 = datetime(2038, 1, 20, tzinfo=UTC)
STEPS = [
    pytest.param(timedelta(hours=1), id="an-hour"),
    pytest.param(timedelta(days=1), id="a-day"),
    pytest.param(IN_2038 - OPENING, id="to-2038"),
]
TWO_LEASES = 2 * outbox.LEASE


@dataclass
class Machine:
    """Its clock can be set; its steady time cannot."""

    shop: Shop
    steady: float = 1000.0
    watch: ClockWatch = field(init=False)

    def __post_init__(self) -> None:
        self.restart()
        with self.shop.services.sessions.begin() as session:
            if session.get(Installation, 1) is None:
                session.add(Installation(id=1, life="life", created_at=self.shop.clock()))

    def restart(self) -> None:
        self.watch = ClockWatch(self.shop.services.sessions, self.shop.clock, lambda: self.steady)

    def passes(self, by: timedelta) -> None:
        """As time does."""
        self.steady += by.total_seconds()
        self.shop.clock.now += by
        self.watch.step()

    def set_clock(self, by: timedelta) -> None:
        self.shop.clock.now += by
        self.watch.step()

    def is_trusted(self) -> bool:
        return clock_watch.is_trusted(self.shop.services.sessions, self.shop.clock())

    @property
    def alarms(self) -> list[str]:
        with self.shop.services.sessions.read() as session:
            return [alarm.detail for alarm in open_alarms(session) if alarm.kind == clock_watch.ALARM]


@pytest.fixture
def machine(shop: Shop) -> Machine:
    machine = Machine(shop)
    machine.passes(timedelta(seconds=1))
    return machine


def mark(shop: Shop) -> Outbox:
    with shop.services.sessions.read() as session:
        return session.scalars(select(Outbox)).one()


def is_told(shop: Shop) -> bool:
    found = mark(shop)
    return found.told == found.wanted


def is_told_once_it_is_right(machine: Machine, worker: Worker, step: timedelta) -> bool:
    """The clock, which was ahead by so much."""
    machine.set_clock(-step)
    machine.passes(TWO_LEASES)
    worker.run_until_idle()
    return is_told(machine.shop)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_fault_F11_a_mark_that_a_fast_clock_put_off_is_told_when_the_clock_is_right_again(
    machine: Machine, worker: Worker, notebook: Notebook, step: timedelta, restarted: bool
) -> None:
    shop = machine.shop
    machine.set_clock(step)
    if restarted:  # the new time has stood long enough to be written down
        machine.passes(timedelta(hours=1, seconds=30))
    shop.join()
    notebook.answers.append(Outcome(Result.LATER, error="APNs: 503"))
    worker.run_until_idle()
    assert not is_told(shop)
    if restarted:
        machine.restart()
    assert is_told_once_it_is_right(machine, worker, step)


@pytest.mark.parametrize("step", STEPS)
def test_fault_F11_a_lease_of_a_fast_clock_runs_no_longer_than_two_leases(
    machine: Machine, worker: Worker, step: timedelta
) -> None:
    shop = machine.shop
    shop.join()
    machine.set_clock(step)
    with shop.services.sessions.begin() as session:
        outbox.claim(session, "apple", shop.clock())  # this worker dies here
    assert is_told_once_it_is_right(machine, worker, step)


@pytest.mark.parametrize("step", STEPS)
def test_fault_F11_the_quiet_after_a_telling_of_a_fast_clock_holds_no_purchase_up(
    machine: Machine, worker: Worker, step: timedelta
) -> None:
    shop = machine.shop
    card = shop.join()
    shop.clock.now += step
    worker.run_until_idle()
    shop.clock.now -= step
    shop.earn(card)
    shop.clock.forward(seconds=2)
    worker.run_until_idle()
    assert is_told(shop)


@pytest.mark.parametrize("step", STEPS)
def test_fault_F11_a_clock_that_leaps_ahead_loses_and_doubles_nothing_under_way(
    shop: Shop, worker: Worker, notebook: Notebook, step: timedelta
) -> None:
    card = shop.join()
    notebook.during = lambda: setattr(shop.clock, "now", shop.clock.now + step)
    worker.run_until_idle()
    notebook.during = lambda: None
    shop.earn(card)
    shop.clock.now += outbox.QUIET
    worker.run_until_idle()
    assert (len(notebook.heard), is_told(shop)) == (2, True)


def test_fault_F11_a_small_correction_lets_every_agreed_wait_stand(
    machine: Machine, worker: Worker, notebook: Notebook
) -> None:
    shop = machine.shop
    shop.join()
    until = shop.clock() + timedelta(minutes=30)
    notebook.answers.append(Outcome(Result.LATER, due=until, waited=True))
    worker.run_until_idle()
    machine.set_clock(-timedelta(seconds=5))
    assert (mark(shop).due_at, machine.alarms) == (until, [])


@pytest.mark.parametrize("step", STEPS)
def test_fault_F11_a_webhook_that_a_fast_clock_put_off_is_due_again(
    machine: Machine, step: timedelta
) -> None:
    shop = machine.shop
    listen(shop)
    machine.set_clock(step)
    shop.join()
    with shop.services.sessions.begin() as session:
        session.execute(update(WebhookDelivery).values(due_at=shop.clock() + timedelta(hours=48), tries=3))
    machine.set_clock(-step)
    machine.passes(TWO_LEASES)
    with shop.services.sessions.begin() as session:
        (webhook,) = deliveries.with_work(session, shop.clock())
        assert deliveries.claim(session, webhook, 4, shop.clock())
        leased = update(WebhookDelivery).values(lease_until=shop.clock() + step + deliveries.LEASE)
        session.execute(leased)
        assert deliveries.claim(session, webhook, 4, shop.clock())


def test_fault_F11_after_a_leap_nothing_is_taken_away_until_the_new_time_has_stood_for_an_hour(
    machine: Machine,
) -> None:
    assert machine.is_trusted()
    machine.set_clock(IN_2038 - OPENING)
    assert not machine.is_trusted()
    assert "leapt ahead" in machine.alarms[0]
    machine.passes(timedelta(minutes=59))
    assert not machine.is_trusted()
    machine.passes(timedelta(minutes=2))
    assert (machine.is_trusted(), machine.alarms) == (True, [])


def test_fault_F11_a_leap_that_is_taken_back_is_forgotten(machine: Machine) -> None:
    machine.set_clock(IN_2038 - OPENING)
    machine.set_clock(OPENING - IN_2038)
    assert machine.is_trusted()
    assert "set back" in machine.alarms[0]


def test_fault_F11_a_machine_that_starts_in_2038_waits_an_hour_before_it_believes_it(
    machine: Machine,
) -> None:
    machine.shop.clock.now = IN_2038
    machine.restart()
    machine.watch.step()
    assert not machine.is_trusted()
    machine.passes(timedelta(minutes=61))
    assert machine.is_trusted()


def test_fault_F11_a_machine_that_another_one_contradicts_is_never_believed(machine: Machine) -> None:
    sessions, day = machine.shop.services.sessions, timedelta(days=1)
    ahead = ClockWatch(sessions, lambda: machine.shop.clock() + day, lambda: machine.steady)
    for _ in range(6):
        machine.passes(timedelta(minutes=30))
        ahead.step()
        assert not clock_watch.is_trusted(sessions, machine.shop.clock() + day)
    assert (machine.is_trusted(), machine.alarms) == (True, [])


def test_fault_F11_a_worker_that_slept_with_its_machine_needs_no_hour(machine: Machine) -> None:
    """A steady clock that goes on while the machine sleeps says that nobody set the other one."""
    machine.passes(timedelta(hours=9))
    assert (machine.is_trusted(), machine.alarms) == (True, [])


def test_fault_F11_a_long_queue_is_freed_in_slices(machine: Machine) -> None:
    shop = machine.shop
    for _ in range(3):
        shop.join()
    with shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(due_at=IN_2038))
    clock_watch.free_waits(shop.services.sessions, shop.clock())
    with shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", shop.clock())
        assert len(notes) == 3
        assert outbox.settle(session, lease, [(note, TOLD) for note in notes], shop.clock()) == []
