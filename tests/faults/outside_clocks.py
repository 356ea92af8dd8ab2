"""F11: the clock is set an hour or a day on or back, or leaps to 2038, while cards change and are told."""

from __future__ import annotations

import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from tests.faults.count import Count
from tests.push.notebook import Notebook
from tests.services.memory import in_memory
from tests.shop import Shop, make_shop
from wallet_service.db import queries
from wallet_service.db.tables import Card, Installation, Outbox
from wallet_service.push.clock_watch import ClockWatch
from wallet_service.push.outbox import LEASE, card_changed, claim
from wallet_service.push.wallet import Outcome, Result
from wallet_service.push.worker import Worker

ROUNDS, CARDS = 200, 10
IN_2038 = datetime(2038, 1, 20, tzinfo=UTC)
TROUBLE = Outcome(Result.LATER, error="APNs: 503")


def run(scale: float, seed: int) -> Count:
    """Each round: a step forth and back with work in between, a worker that dies now and then."""
    dice, rounds = random.Random(seed), max(int(ROUNDS * scale), 5)
    began, stuck, behind = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        town = _Town(make_shop(Path(folder)), dice)
        for _ in range(rounds):
            step = dice.choice([timedelta(hours=1), timedelta(days=1), IN_2038 - town.shop.clock()])
            step *= dice.choice([1, 1, -1]) if step < timedelta(days=2) else 1
            town.set_clock(step)
            town.works()
            town.set_clock(-step)
            town.passes(2 * LEASE)
            town.tells()
            stuck += town.untold()
        behind = town.behind()
        town.shop.services.sessions.close()
    amiss = (f"{stuck} marks were stuck for longer than two leases",) if stuck else ()
    done = f"{rounds} steps of an hour, a day, to 2038, and back, in {time.monotonic() - began:.0f} s"
    return Count("F11 clock steps", done, 2 * rounds, town.booked, stale=behind, amiss=amiss)


class _Town:
    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.shop, self._dice, self._steady, self.booked = shop, dice, 0.0, 0
        self._notebook = Notebook(shop.services.sessions)
        self._worker = Worker(shop.services.sessions, self._notebook, shop.clock)
        self._watch = ClockWatch(shop.services.sessions, shop.clock, lambda: self._steady)
        self._cards = [shop.join() for _ in range(CARDS)]
        with shop.services.sessions.begin() as session:
            if session.get(Installation, 1) is None:
                session.add(Installation(id=1, life="life", created_at=shop.clock()))
        self.passes(timedelta(seconds=1))

    def passes(self, by: timedelta) -> None:
        self._steady += by.total_seconds()
        self.set_clock(by)

    def set_clock(self, by: timedelta) -> None:
        self.shop.clock.now += by
        self._watch.step()

    def works(self) -> None:
        """Some cards change, some are told, some tellings fail, and sometimes the worker is killed."""
        for card in self._dice.sample(self._cards, 3):
            self._change(card)
        if self._dice.random() < 0.3:
            with self.shop.services.sessions.begin() as session:
                claim(session, "apple", self.shop.clock(), batch=2)
        self._notebook.answers.extend([TROUBLE] * self._dice.randrange(4))
        self._worker.run_until_idle()
        self.passes(timedelta(seconds=self._dice.randrange(60)))

    def _change(self, card: str) -> None:
        with self.shop.services.sessions.begin() as session:
            row = queries.card_for_update(session, card)
            row.version += 1
            session.flush()
            now = self.shop.clock()
            card_changed(session, card_id=row.id, version=row.version, wallets=["apple"], now=now)
        self.booked += 1

    def tells(self) -> None:
        self._notebook.answers.clear()
        self._worker.run_until_idle()

    def untold(self) -> int:
        with self.shop.services.sessions.read() as session:
            return len(session.scalars(select(Outbox).where(Outbox.told < Outbox.wanted)).all())

    def behind(self) -> int:
        """Cards of which the wallet has not heard the newest version."""
        heard = dict(sorted(self._notebook.heard))
        with self.shop.services.sessions.read() as session:
            return sum(heard.get(card.id) != card.version for card in session.scalars(select(Card)))
