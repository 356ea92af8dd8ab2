"""What was told is written down once, with who asked for it and since when it waited."""

from __future__ import annotations

from sqlalchemy import select

from tests.push.notebook import Notebook
from tests.shop import Shop
from wallet_service.db.tables import Outbox, Telling
from wallet_service.push import outbox
from wallet_service.push.request_id import request_id
from wallet_service.push.wallet import TOLD, Outcome, Result
from wallet_service.push.worker import Worker

WOKEN = Outcome(Result.TOLD, phones=2, delivery="0b0c0d0e-0000-4000-8000-000000000000")


def way(shop: Shop) -> list[Telling]:
    with shop.services.sessions.read() as session:
        return list(session.scalars(select(Telling).order_by(Telling.id)))


def settle(shop: Shop, outcome: Outcome) -> None:
    with shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", shop.clock())
        outbox.settle(session, lease, [(note, outcome) for note in notes], shop.clock())


def test_who_asked_for_it_and_since_when_it_waited(shop: Shop) -> None:
    card = shop.join()
    settle(shop, WOKEN)
    shop.clock.forward(minutes=1)
    token = request_id.set("purchase-1")
    shop.earn(card)
    request_id.reset(token)
    queued = shop.clock()
    shop.clock.forward(seconds=2)
    settle(shop, WOKEN)
    last = way(shop)[-1]
    assert (last.queued_at, last.accepted_at, last.request_id) == (queued, shop.clock(), "purchase-1")
    assert (last.wallet, last.phones, last.delivery) == ("apple", 2, WOKEN.delivery)


def test_ten_changes_wait_since_the_first_of_them(shop: Shop) -> None:
    card = shop.join()
    settle(shop, WOKEN)
    shop.clock.forward(minutes=1)
    first = shop.clock()
    for _ in range(10):
        shop.earn(card)
        shop.clock.forward(milliseconds=10)
    settle(shop, WOKEN)
    assert way(shop)[-1].queued_at == first


def test_a_change_during_a_telling_waits_since_then_and_not_since_the_first(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    card = shop.join()
    changes = iter([lambda: shop.earn(card)])
    notebook.answers.extend([WOKEN, WOKEN])
    notebook.during = lambda: next(changes, lambda: None)()
    shop.clock.forward(minutes=5)
    worker.run_until_idle()
    during = shop.clock()
    shop.clock.forward(seconds=2)
    worker.run_until_idle()
    assert way(shop)[-1].queued_at == during


def test_a_card_that_nobody_holds_and_a_telling_that_failed_leave_no_row(shop: Shop) -> None:
    shop.join()
    settle(shop, Outcome(Result.LATER, error="APNs: 503", phones=1))
    shop.clock.forward(minutes=1)
    settle(shop, TOLD)
    assert way(shop) == []


def test_a_whole_batch_is_settled_at_once_each_with_its_own_outcome(shop: Shop) -> None:
    for _ in range(20):
        shop.join()
    with shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", shop.clock())
        answers = [WOKEN, TOLD, Outcome(Result.PARKED, error="no"), Outcome(Result.LATER, error="later")]
        pairs = [(note, answers[place % 4]) for place, note in enumerate(notes)]
        assert outbox.settle(session, lease, pairs, shop.clock()) == []
    with shop.services.sessions.read() as session:
        rows = {row.id: row for row in session.scalars(select(Outbox))}
    for note, outcome in pairs:
        row = rows[note.id]
        assert row.lease_token is None
        assert row.parked is (outcome.result is Result.PARKED)
        assert row.last_error == outcome.error
        assert (row.told == row.wanted) is (outcome.result is Result.TOLD)
    assert len(way(shop)) == 5
