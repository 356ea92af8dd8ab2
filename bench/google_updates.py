"""Updates of cards in Google Wallet: one worker on one core, against the simulated Google on another.

First without a limiter: from the due marks to the settled marks, drawing, translating, calling and writing
down included; every object changes in every round. Then at our own pace, where the simulator's history says
how many calls fell into the worst second, wherever it begins.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import ColumnElement, func, select

from bench.result import Result
from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop, make_wallet, open_google_shop
from wallet_service.db.tables import Card, GoogleCard, Outbox
from wallet_service.google.pace import LANE, Pace
from wallet_service.google.wallet import BATCH
from wallet_service.push import outbox
from wallet_service.push.worker import Worker

OBJECTS, ROUNDS = 2_000, 5  # ten thousand updates
PACED = 60
WANTED, ALLOWED = 300.0, 20.0


def measure() -> list[Result]:
    before = os.sched_getaffinity(0)
    try:
        with tempfile.TemporaryDirectory() as name, Simulator(Path(name) / "google") as google:
            _apart(google, before)
            with open_google_shop(Path(name) / "shop", google) as shop:
                _make_cards(shop)
                return [_unpaced(shop), _paced(shop, google)]
    finally:
        os.sched_setaffinity(0, before)


def _apart(google: Simulator, cores: set[int]) -> None:
    """All threads of the simulator on the first core, we on the last."""
    for thread in Path(f"/proc/{google.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {min(cores)})
    os.sched_setaffinity(0, {max(cores)})


def _make_cards(shop: GoogleShop) -> None:
    """The first telling inserts them all."""
    for _ in range(OBJECTS):
        shop.join()
    with shop.services.sessions.begin() as session:
        for card_id, serial in session.execute(select(Card.id, Card.serial)):
            session.add(GoogleCard(card_id=card_id, object_id=shop.object_id(serial)))
    _told(shop, Pace(None))


def _unpaced(shop: GoogleShop) -> Result:
    figures = []
    for _ in range(ROUNDS):
        _change(shop, OBJECTS)
        figures.append(OBJECTS / _told(shop, Pace(None)))
    return Result("updates in Google Wallet", median(figures), WANTED, "a second", "wanted", 1.0)


def _paced(shop: GoogleShop, google: Simulator) -> Result:
    google.ask("DELETE", "/history")
    _change(shop, PACED)
    _told(shop, Pace(LANE))
    most = float(google.ask("GET", "/rate")["most_in_a_second"])
    return Result("calls that Google allows", ALLOWED, most, "a second", "our worst second", 1.0)


def _change(shop: GoogleShop, many: int) -> None:
    """One stamp more for each, without the time that a till would take for it."""
    shop.clock.forward(minutes=1)
    with shop.services.sessions.begin() as session:
        for card in session.scalars(select(Card).order_by(Card.id).limit(many)):
            card.balance, card.version = card.balance + 1, card.version + 1
            outbox.card_changed(
                session, card_id=card.id, version=card.version, wallets=["google"], now=shop.clock()
            )


def _told(shop: GoogleShop, pace: Pace) -> float:
    """Seconds until all is told."""
    wallet = make_wallet(shop, pace)
    worker = Worker(shop.services.sessions, wallet, shop.clock, batch=BATCH, may=wallet.lane.held)
    began = time.perf_counter()
    worker.run_until_idle()
    took = time.perf_counter() - began
    wallet.close()
    with shop.services.sessions.read() as session:
        waiting = session.scalar(select(func.count()).select_from(Outbox).where(_is_due()))
    if waiting:
        raise RuntimeError(f"{waiting} cards were not told.")
    return took


def _is_due() -> ColumnElement[bool]:
    return (Outbox.wallet == "google") & (Outbox.told < Outbox.wanted)


if __name__ == "__main__":
    for result in measure():
        print(result)
