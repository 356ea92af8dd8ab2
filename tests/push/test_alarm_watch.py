"""What nobody notices by themselves is noticed within a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.push.notebook import Notebook
from tests.shop import Shop
from wallet_service.cli import alarm_jobs, backup_jobs
from wallet_service.db.tables import Alarm, Card, GoogleIssuer, Installation, Outbox, Telling
from wallet_service.push import alarm_watch
from wallet_service.push.http_date import FORM
from wallet_service.push.other_clocks import OtherClocks
from wallet_service.push.outbox import CAMPAIGN
from wallet_service.push.queue import Queue
from wallet_service.push.wallet import Outcome, Result
from wallet_service.push.worker import Worker


def look(shop: Shop) -> None:
    alarm_watch.watch(shop.services.sessions, {}, shop.clock())


def raised(shop: Shop) -> set[str]:
    with shop.services.sessions.read() as session:
        return set(session.scalars(select(Alarm.kind).where(Alarm.cleared_at.is_(None))))


def test_a_change_that_waits_two_minutes_is_an_alarm_until_it_is_told(shop: Shop, worker: Worker) -> None:
    shop.join()
    shop.clock.forward(seconds=119)
    look(shop)
    assert raised(shop) == set()
    shop.clock.forward(seconds=2)
    look(shop)
    assert raised(shop) == {alarm_watch.PUSH}
    worker.run_until_idle()
    look(shop)
    assert raised(shop) == set()


def test_a_bulk_change_may_take_its_time(shop: Shop) -> None:
    shop.join()
    with shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(priority=CAMPAIGN))
    shop.clock.forward(hours=5)
    look(shop)
    assert raised(shop) == set()


def test_a_mark_that_fails_again_and_again_is_late_however_often_it_was_tried(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    notebook.answers.extend([Outcome(Result.LATER)] * 99)
    shop.join()
    for _ in range(4):
        worker.run_until_idle()
        shop.clock.forward(seconds=60)
    look(shop)
    assert raised(shop) == {alarm_watch.PUSH}


def test_a_lane_that_nobody_drives_is_an_alarm_while_cards_wait_for_google(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        session.add(GoogleIssuer(issuer_id="1", lane_holder="a", lane_until=shop.clock()))
    shop.clock.forward(seconds=61)
    look(shop)
    assert raised(shop) == set()
    shop.join()
    with shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(wallet="google"))
    look(shop)
    assert raised(shop) == {alarm_watch.LANE}


@pytest.mark.parametrize("pushes", [4, 5])
def test_pushes_that_no_phone_answers_for_a_day_are_an_alarm(shop: Shop, pushes: int) -> None:
    tell(shop, pushes)
    shop.clock.forward(hours=25)
    alarm_watch.watch_phones(shop.services.sessions, shop.clock())
    assert raised(shop) == ({alarm_watch.SILENCE} if pushes == 5 else set())


def test_phones_that_answer_late_are_no_alarm(shop: Shop) -> None:
    tell(shop, 9)
    shop.clock.forward(hours=25)
    with shop.services.sessions.begin() as session:
        session.execute(update(Telling).values(listed_at=shop.clock() - timedelta(hours=2)))
    alarm_watch.watch_phones(shop.services.sessions, shop.clock())
    assert raised(shop) == set()


def test_a_shop_that_was_closed_for_days_is_no_alarm_at_its_first_sale(shop: Shop) -> None:
    shop.clock.forward(days=3)
    tell(shop, 9)
    shop.clock.forward(minutes=1)
    alarm_watch.watch_phones(shop.services.sessions, shop.clock())
    assert raised(shop) == set()


def test_a_backup_is_due_within_the_hour(shop: Shop) -> None:
    now, hour = shop.clock(), timedelta(hours=1)
    assert alarm_watch.backup_age(None, now - hour, now) == {"backup": ""}
    assert "no backup yet" in alarm_watch.backup_age(None, now - 2 * hour, now)["backup"]
    assert "2026-11-02 06:00" in alarm_watch.backup_age(now - 2 * hour, now - 9 * hour, now)["backup"]
    assert alarm_watch.backup_age(now - hour / 2, now - 9 * hour, now) == {"backup": ""}


def test_the_disk_is_looked_at(tmp_path: Path) -> None:
    assert 0 <= alarm_watch.free_disk(tmp_path) <= 1


def test_the_whole_watch_runs_with_everything_that_it_looks_at(shop: Shop) -> None:
    alarm_jobs.watch_and_tell(shop.services)
    assert alarm_watch.PUSH not in raised(shop)


def tell(shop: Shop, pushes: int) -> None:
    shop.join()
    with shop.services.sessions.begin() as session:
        card, now = session.scalars(select(Card.id)).one(), shop.clock()
        for version in range(pushes):
            row = Telling(card_id=card, wallet="apple", version=version, priority=0, phones=1)
            row.queued_at = row.accepted_at = now
            session.add(row)


def test_a_machine_whose_clock_others_contradict_calls_nothing_late(shop: Shop) -> None:
    """Another one, whose clock is right, would say the opposite a moment later."""
    shop.join()
    clocks = OtherClocks(shop.services.settings.data_dir)
    for host in ("oauth2.googleapis.com", "hooks.example.com"):
        clocks.heard(f"https://{host}/", shop.clock().strftime(FORM))
    shop.clock.forward(hours=2)
    alarm_jobs.watch_and_tell(shop.services)
    assert raised(shop) - {alarm_watch.DISK} == {alarm_watch.CLOCK}


def test_one_machine_says_nothing_of_the_disk_of_another(shop: Shop) -> None:
    here, there = {"disk of one": "Full."}, {"disk of two": ""}
    alarm_watch.watch(shop.services.sessions, {alarm_watch.DISK: lambda _: here}, shop.clock())
    alarm_watch.watch(shop.services.sessions, {alarm_watch.DISK: lambda _: there}, shop.clock())
    assert raised(shop) == {alarm_watch.DISK}
    here["disk of one"] = ""
    alarm_watch.watch(shop.services.sessions, {alarm_watch.DISK: lambda _: here}, shop.clock())
    assert raised(shop) == set()


class Second(Queue):
    """Of a worker whose clock is a little behind, so that another always has the turn before it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"sqlite:///{folder / 'queue.db'}", lambda _name, _minutes: False)
        self.done: list[str] = []

    def every(self, name: str, job: Callable[[], None], *, minutes: int, everywhere: bool = False) -> None:
        if everywhere or self._turn(name, minutes):
            self.done.append(name)


def test_each_worker_looks_after_its_own_disk_and_clock(shop: Shop, tmp_path: Path) -> None:
    queue = Second(tmp_path)
    alarm_jobs.alarm_jobs(shop.services, queue)
    assert queue.done == ["watch_alarms"]


def test_a_backup_that_another_machine_took_counts_here(shop: Shop, tmp_path: Path) -> None:
    with shop.services.sessions.begin() as session:
        session.merge(Installation(id=1, life="a" * 8, created_at=shop.clock()))
    shop.clock.forward(hours=3)
    backup_jobs.quarterly(shop.services)
    elsewhere = replace(shop.services.settings, backup_dir=tmp_path / "elsewhere")
    web = replace(shop.services, settings=elsewhere)
    alarm_jobs.watch_and_tell(web)
    assert alarm_watch.BACKUP not in raised(shop)
    shop.clock.forward(hours=2)
    alarm_jobs.watch_and_tell(web)
    assert alarm_watch.BACKUP in raised(shop)
