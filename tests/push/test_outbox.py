"""No committed change is ever forgotten, whatever happens between the claim and the answer."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.push.notebook import Notebook
from tests.shop import Shop
from wallet_service.db import queries
from wallet_service.db.tables import Card, Outbox
from wallet_service.push import outbox
from wallet_service.push.wallet import TOLD, Note, Outcome, Result
from wallet_service.push.worker import BULK_ON_SQLITE, Worker


def mark(shop: Shop) -> Outbox:
    with shop.services.sessions.read() as session:
        return session.scalars(select(Outbox)).one()


def version(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalars(select(Card.version)).one()


def claim(shop: Shop) -> tuple[str, list[Note]]:
    with shop.services.sessions.begin() as session:
        return outbox.claim(session, "apple", shop.clock())


def settle(shop: Shop, lease: str, notes: list[Note], outcome: Outcome = TOLD) -> list[Note]:
    with shop.services.sessions.begin() as session:
        return outbox.settle(session, lease, [(note, outcome) for note in notes], shop.clock())


def test_ten_changes_make_one_telling(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    card = shop.join()
    for _ in range(10):
        shop.earn(card)
    worker.run_until_idle()
    assert [told for _, told in notebook.heard] == [version(shop)]
    assert not worker.step()


def test_a_burst_makes_two_tellings_at_most(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    card = shop.join()
    for _ in range(20):
        shop.earn(card)
        worker.run_until_idle()
        shop.clock.forward(milliseconds=50)
    shop.clock.forward(seconds=2)
    worker.run_until_idle()
    assert len(notebook.heard) == 2
    assert notebook.heard[-1][1] == version(shop)


def test_finding_3_a_change_during_the_telling_is_told_next(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    card = shop.join()
    changes = iter([lambda: shop.earn(card)])
    notebook.during = lambda: next(changes, lambda: None)()
    worker.run_until_idle()
    shop.clock.forward(seconds=3)
    worker.run_until_idle()
    assert notebook.heard[-1][1] == version(shop)
    assert (mark(shop).told, mark(shop).wanted) == (version(shop), version(shop))


def test_finding_3_a_change_after_the_claim_stays_due(shop: Shop) -> None:
    card = shop.join()
    lease, notes = claim(shop)
    shop.earn(card)
    settle(shop, lease, notes)
    assert mark(shop).told < mark(shop).wanted == version(shop)
    shop.clock.forward(seconds=3)
    assert [note.wanted for note in claim(shop)[1]] == [version(shop)]


def test_a_crash_between_telling_and_writing_down_is_harmless(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    shop.join()
    claim(shop)  # this worker dies here
    assert not worker.step()
    shop.clock.forward(seconds=31)
    worker.run_until_idle()
    assert notebook.heard[-1][1] == version(shop)


def test_finding_7_a_long_backlog_goes_in_small_batches_and_the_till_gets_between(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    card = shop.join()
    for _ in range(outbox.BATCH + 50):
        shop.join()
    notebook.during = lambda: shop.earn(card) if len(notebook.heard) % outbox.BATCH == 100 else None
    batches: list[int] = []
    while worker.step():
        batches.append(len(notebook.heard) - sum(batches))
    assert max(batches) <= outbox.BATCH == 200
    assert shop.face(card).progress.value > 2  # a sale was booked while a batch was being told


def test_finding_7_of_a_campaign_fewer_are_told_at_once_where_one_writes_at_a_time(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    for _ in range(BULK_ON_SQLITE + 50):
        shop.join()
    worker.run_until_idle()
    shop.clock.forward(minutes=1)
    notebook.heard.clear()
    with shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(wanted=Outbox.wanted + 1, priority=outbox.CAMPAIGN))
    worker.step()
    assert len(notebook.heard) == (BULK_ON_SQLITE if shop.services.sessions.sqlite else BULK_ON_SQLITE + 50)


def test_finding_9_a_worker_that_lost_its_lease_has_the_card_told_once_more(shop: Shop) -> None:
    """It was paused, another one told a newer state, and its own late call may have come last."""
    card = shop.join()
    paused, old = claim(shop)
    shop.clock.forward(seconds=31)
    shop.earn(card)
    fresh, new = claim(shop)
    settle(shop, fresh, new)
    assert settle(shop, paused, old) == old
    assert mark(shop).told == 0
    assert [note.wanted for note in claim(shop)[1]] == [version(shop)]


def test_passing_trouble_backs_off_and_comes_back(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    shop.join()
    notebook.answers.append(Outcome(Result.LATER, error="APNs: 503"))
    worker.run_until_idle()
    kept = mark(shop)
    assert (kept.tries, kept.last_error, kept.told) == (1, "APNs: 503", 0)
    assert shop.clock() < kept.due_at <= shop.clock() + timedelta(seconds=31)
    shop.clock.forward(seconds=31)
    worker.run_until_idle()
    assert mark(shop).told == version(shop)


def test_after_ten_tries_it_is_parked_and_tried_daily(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    shop.join()
    notebook.answers.extend([Outcome(Result.LATER, error="no")] * 10)
    for _ in range(10):
        worker.run_until_idle()
        shop.clock.forward(hours=7)
    assert mark(shop).parked
    shop.clock.forward(days=1)
    worker.run_until_idle()
    assert (mark(shop).parked, mark(shop).told) == (False, version(shop))


def test_an_agreed_wait_is_no_failure(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    shop.join()
    until = shop.clock() + timedelta(minutes=30)
    notebook.answers.append(Outcome(Result.LATER, due=until, waited=True))
    worker.run_until_idle()
    assert (mark(shop).tries, mark(shop).due_at) == (0, until)


def test_a_new_change_frees_a_parked_card(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    card = shop.join()
    notebook.answers.append(Outcome(Result.PARKED, error="PayloadTooLarge"))
    worker.run_until_idle()
    assert mark(shop).parked
    shop.earn(card)
    shop.clock.forward(seconds=15)
    worker.run_until_idle()
    assert mark(shop).told == version(shop)


def test_a_sale_overtakes_a_campaign(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    cards = [shop.join() for _ in range(3)]
    with shop.services.sessions.begin() as session:
        for row in session.scalars(select(Outbox)):
            row.priority = outbox.CAMPAIGN
    shop.earn(cards[2])
    with shop.services.sessions.begin() as session:
        _, (first,) = outbox.claim(session, "apple", shop.clock(), batch=1)
        bought = session.scalar(select(Card.id).where(Card.serial == cards[2]))
    assert first.card_id == bought


def test_a_wallet_that_breaks_loses_nothing(shop: Shop, worker: Worker, notebook: Notebook) -> None:
    shop.join()
    breaks = iter([True])

    def during() -> None:
        if next(breaks, False):
            raise ConnectionResetError

    notebook.during = during
    with pytest.raises(ConnectionResetError):
        worker.step()
    shop.clock.forward(seconds=31)
    worker.run_until_idle()
    assert mark(shop).told == version(shop)


def test_the_resident_loop_survives_a_breaking_wallet_and_stops_when_told(
    shop: Shop, worker: Worker, notebook: Notebook, caplog: pytest.LogCaptureFixture
) -> None:
    shop.join()

    def during() -> None:
        worker.stop()
        raise ConnectionResetError

    notebook.during = during
    loop = Thread(target=worker.run)
    loop.start()
    loop.join(10)
    assert not loop.is_alive()
    assert "the marks stay due" in caplog.text


steps = st.lists(st.sampled_from(["change", "claim", "settle", "wait", "die"]), max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_any_order_of_changes_claims_and_deaths_ends_with_the_newest_told(
    shop: Shop, worker: Worker, notebook: Notebook, script: list[str]
) -> None:
    card = shop.join()
    running: list[tuple[str, list[Note]]] = []
    for step in script:
        if step == "change":
            shop.earn(card)
        elif step == "claim":
            running.append(claim(shop))
        elif step == "settle" and running:
            settle(shop, *running.pop(0))
        elif step == "die" and running:
            running.pop()
        elif step == "wait":
            shop.clock.forward(seconds=20)
    shop.clock.forward(seconds=60)
    worker.run_until_idle()
    with shop.services.sessions.read() as session:
        behind = select(Outbox).join(Card).where(Outbox.told != Card.version)
        assert session.scalars(behind).all() == []


def test_a_request_that_began_before_the_telling_keeps_the_quiet_after_it(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    """It waited for the mark, and its clock is the one of when it came."""
    card = shop.join()
    shop.clock.forward(seconds=1)
    worker.run_until_idle()
    shop.clock.forward(seconds=-1)
    shop.earn(card)
    shop.clock.forward(seconds=1.5)
    worker.run_until_idle()
    assert len(notebook.heard) == 1
    shop.clock.forward(seconds=2)
    worker.run_until_idle()
    assert len(notebook.heard) == 2


def test_what_is_written_of_a_telling_does_not_wait_for_a_till_that_has_the_card(large_shop: Shop) -> None:
    """The worker has the mark, the till has the card and wants the mark: one of the two must not wait."""
    card = large_shop.join()
    lease, notes = claim(large_shop)
    with large_shop.services.sessions.begin() as till:
        queries.card_for_update(till, card)
        settle(large_shop, lease, notes, Outcome(Result.TOLD, phones=1))
    large_shop.earn(card)
    told = mark(large_shop)
    assert (told.told, told.wanted) == (notes[0].wanted, version(large_shop))
