"""When a mark is due: a change never waits for what was agreed about an older one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.push.notebook import Notebook
from tests.shop import OPENING, Shop
from wallet_service.db.tables import Card, Outbox
from wallet_service.push import outbox
from wallet_service.push.wallet import TOLD, Outcome, Result
from wallet_service.push.worker import Worker

PACED = Outcome(Result.LATER, due=OPENING + timedelta(minutes=30), waited=True)
REFUSED = Outcome(Result.PARKED, error="APNs: 413 PayloadTooLarge")
DOWN = Outcome(Result.LATER, due=OPENING + timedelta(minutes=15), error="APNs: 503")


def told(shop: Shop) -> bool:
    with shop.services.sessions.read() as session:
        mark = session.scalars(select(Outbox)).one()
    return mark.told == mark.wanted


def test_N12_a_purchase_does_not_wait_with_a_silent_change_that_is_paced(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    card = shop.join()
    notebook.answers.append(PACED)
    worker.run_until_idle()
    shop.clock.forward(minutes=1)
    shop.earn(card)
    worker.run_until_idle()
    assert told(shop)


@pytest.mark.parametrize(("answer", "seconds"), [(PACED, 0), (REFUSED, 15), (DOWN, 15)])
def test_what_came_of_an_older_change_does_not_put_off_the_one_booked_meanwhile(
    shop: Shop, worker: Worker, notebook: Notebook, answer: Outcome, seconds: int
) -> None:
    card = shop.join()
    purchases = iter([lambda: shop.earn(card)])
    notebook.during = lambda: next(purchases, lambda: None)()
    notebook.answers.append(answer)
    worker.run_until_idle()
    shop.clock.forward(seconds=seconds)
    worker.run_until_idle()
    assert told(shop)


def test_N12_a_burst_that_never_pauses_makes_a_push_every_two_seconds_not_one_after_the_other(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    """Each telling takes so long that another purchase is booked before it ends."""
    card = shop.join()

    def purchase() -> None:
        if len(notebook.heard) < 20:
            shop.clock.forward(milliseconds=50)
            shop.earn(card)

    notebook.during = purchase
    worker.run_until_idle()
    assert len(notebook.heard) == 1
    shop.clock.forward(seconds=2)
    worker.run_until_idle()
    assert len(notebook.heard) == 2


def test_a_wallet_that_is_to_hear_again_is_told_again_though_it_is_being_told(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    shop.join()

    def another_finds_it_wrong() -> None:
        if not notebook.heard:
            with shop.services.sessions.begin() as session:
                card = session.scalars(select(Card)).one()
                outbox.tell_again(
                    session, card_id=card.id, version=card.version, wallet="apple", now=shop.clock()
                )

    notebook.during = another_finds_it_wrong
    worker.run_until_idle()
    shop.clock.forward(seconds=31)
    worker.run_until_idle()
    assert len(notebook.heard) == 2


def test_a_worker_and_a_publication_never_wait_for_each_other_in_a_circle(large_shop: Shop) -> None:
    shop = large_shop
    serials = [shop.join(), shop.join()]
    with shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", shop.clock())
    urgent_last = sorted(notes, key=lambda note: -note.card_id)

    def settle() -> None:
        with shop.services.sessions.begin() as session:
            outbox.settle(session, lease, [(note, TOLD) for note in urgent_last], shop.clock())

    with ThreadPoolExecutor(1) as worker, shop.services.sessions.begin() as session:
        for card in session.scalars(select(Card).where(Card.serial.in_(serials)).order_by(Card.id)):
            outbox.card_changed(session, card_id=card.id, version=9, wallets=["apple"], now=shop.clock())
            if card.id == notes[0].card_id:
                settling = worker.submit(settle)
                with pytest.raises(TimeoutError):
                    settling.result(0.3)
        session.commit()
        settling.result(5)
