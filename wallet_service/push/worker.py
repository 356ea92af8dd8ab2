"""The worker: claims due marks, lets the wallet tell, writes down what came of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import sleep

from wallet_service import metrics
from wallet_service.db.session import Sessions
from wallet_service.domain.errors import Unavailable
from wallet_service.push import outbox
from wallet_service.push.resident import BREATH, Resident
from wallet_service.push.wallet import Note, Outcome, Result, Wallet

log = logging.getLogger(__name__)

SETTLE_EVERY = 50
BULK_ON_SQLITE = 100
"""Marks of a campaign at once: what is written of them keeps the tills out for half as long."""
WRITE_AGAIN = (0.05, 0.5, 2.0)  # seconds
Until = Callable[[Sequence[Note], datetime], Mapping[int, datetime]]


class Worker(Resident):
    """Empties one wallet's part of the outbox. `may` is asked before each batch: a worker that stands by
    for another must leave the marks alone. `asleep` says of which cards nobody must hear now, and until when.
    """

    def __init__(
        self,
        sessions: Sessions,
        wallet: Wallet,
        clock: Callable[[], datetime],
        *,
        batch: int = outbox.BATCH,
        lease: timedelta = outbox.LEASE,
        may: Callable[[], bool] = lambda: True,
        asleep: Until = lambda _notes, _now: {},
    ) -> None:
        super().__init__()
        self.name = wallet.name
        self._sessions = sessions
        self._wallet = wallet
        self._clock = clock
        self._batch, self._lease, self._may, self._asleep = batch, lease, may, asleep
        self._bulk = BULK_ON_SQLITE if sessions.sqlite else batch

    def step(self) -> bool:
        """One batch; tells whether there was work."""
        if not self._may():
            return False
        now = self._clock()
        with self._sessions.begin() as session:
            lease, notes = outbox.claim(
                session, self._wallet.name, now, self._batch, self._lease, bulk=self._bulk
            )
        if not notes:
            return False
        self._tell(lease, notes, now)
        self._breathe(notes)
        return True

    def _breathe(self, notes: Sequence[Note]) -> None:
        """A mountain of marks must not keep the tills out of SQLite, whose writers wait by looking again."""
        if notes[0].priority >= outbox.CAMPAIGN and self._sessions.sqlite:
            self._stopping.wait(BREATH)

    def _tell(self, lease: str, notes: list[Note], now: datetime) -> None:
        """Settles in small parts, so that a crash repeats few tellings and the till waits for none."""
        until = self._asleep(notes, now)
        done = [(note, _put_off(until[note.card_id])) for note in notes if note.card_id in until]
        awake = [note for note in notes if note.card_id not in until]
        for pair in self._wallet.tell(awake, now) if awake else ():
            done.append(pair)
            if len(done) >= SETTLE_EVERY:
                self._settle(lease, done)
                done = []
        self._settle(lease, done)

    def _settle(self, lease: str, done: list[tuple[Note, Outcome]]) -> None:
        if not done:
            return
        now = self._clock()
        lost = self._written(lease, done, now)
        if lost:
            log.warning("lost the lease of %d marks of %s; they go out again", len(lost), self._wallet.name)
        _count(self._wallet.name, done, lost, now)

    def _written(self, lease: str, done: list[tuple[Note, Outcome]], now: datetime) -> Collection[Note]:
        """A database that fails for a moment is asked again: what was told need not be told twice."""
        for pause in WRITE_AGAIN:
            try:
                with self._sessions.begin() as session:
                    return outbox.settle(session, lease, done, now)
            except Unavailable as error:
                log.warning("what %s was told cannot be written yet: %s", self._wallet.name, error.detail)
                sleep(pause)
        with self._sessions.begin() as session:
            return outbox.settle(session, lease, done, now)


def _put_off(until: datetime) -> Outcome:
    return Outcome(Result.LATER, due=until, waited=True)


def _count(channel: str, done: Sequence[tuple[Note, Outcome]], lost: Collection[Note], now: datetime) -> None:
    results = Counter("waited" if outcome.waited else outcome.result.value for _, outcome in done)
    for result, times in results.items():
        metrics.PUSHES.inc(channel, result, by=times)
    if lost:
        metrics.LEASES_LOST.inc(channel, by=len(lost))
        metrics.ZOMBIES.inc(channel, by=len(lost))
    for note, outcome in done:
        if outcome.result is Result.TOLD and note.priority < outbox.CAMPAIGN and outcome.phones is not None:
            _followed(channel, note, outcome, now)


def _followed(channel: str, note: Note, outcome: Outcome, now: datetime) -> None:
    """The end of the way of one request; bulk changes are many, and nobody's in particular."""
    seconds = (now - note.raised_at).total_seconds() if note.raised_at else None
    if seconds is not None:
        metrics.CHANGE_TO_PUSH.saw(max(seconds, 0), channel)
    if note.request_id is not None:
        facts: dict[str, object] = {"request_id": note.request_id, "delivery": outcome.delivery}
        facts |= {"channel": channel, "card": note.card_id, "version": note.wanted}
        facts |= {"phones": outcome.phones, "seconds": seconds}
        log.info("told %s of version %d of card %d", channel, note.wanted, note.card_id, extra=facts)
