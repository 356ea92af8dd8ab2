"""The worker: claims due marks, lets the wallet tell, writes down what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from wallet_service.db.session import Sessions
from wallet_service.push import outbox
from wallet_service.push.resident import Resident
from wallet_service.push.wallet import Note, Outcome, Wallet

log = logging.getLogger(__name__)

SETTLE_EVERY = 50


class Worker(Resident):
    """Empties one wallet's part of the outbox. `may` is asked before each batch: a worker that stands by
    for another must leave the marks alone.
    """

    def __init__(
        self,
        sessions: Sessions,
        wallet: Wallet,
        clock: Callable[[], datetime],
        *,
        batch: int = outbox.BATCH,
        may: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self.name = wallet.name
        self._sessions = sessions
        self._wallet = wallet
        self._clock = clock
        self._batch, self._may = batch, may

    def step(self) -> bool:
        """One batch; tells whether there was work."""
        if not self._may():
            return False
        now = self._clock()
        with self._sessions.begin() as session:
            lease, notes = outbox.claim(session, self._wallet.name, now, self._batch)
        if not notes:
            return False
        self._tell(lease, notes, now)
        return True

    def _tell(self, lease: str, notes: list[Note], now: datetime) -> None:
        """Settles in small parts, so that a crash repeats few tellings and the till waits for none."""
        done: list[tuple[Note, Outcome]] = []
        for pair in self._wallet.tell(notes, now):
            done.append(pair)
            if len(done) >= SETTLE_EVERY:
                self._settle(lease, done)
                done = []
        self._settle(lease, done)

    def _settle(self, lease: str, done: list[tuple[Note, Outcome]]) -> None:
        if not done:
            return
        with self._sessions.begin() as session:
            lost = outbox.settle(session, lease, done, self._clock())
        if lost:
            log.warning("lost the lease of %d marks of %s; they go out again", len(lost), self._wallet.name)
