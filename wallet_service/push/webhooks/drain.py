"""Tells the shop's own systems what happened: several addresses at once, none behind another."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from wallet_service.db.session import Sessions
from wallet_service.push.moments import lies_ahead
from wallet_service.push.resident import IDLE, Resident
from wallet_service.push.webhooks import deliveries, signing
from wallet_service.push.webhooks.asked_to_wait import asked_to_wait
from wallet_service.push.webhooks.caller import BROKE_OFF, Answer, Caller
from wallet_service.push.webhooks.deliveries import Due

log = logging.getLogger(__name__)

MOST_ADDRESSES = 16
AT_ONCE = 4  # calls to one address
SPARED_FOR = timedelta(minutes=10)  # at most; a manager who mended it and tries it waits no longer


class Drain(Resident):
    """Each address has a few hands of its own, so that one that hangs keeps nobody waiting. Calls are made
    outside of any transaction; only the loop's own thread writes.

    `keys` are the secrets that count, the newest first. `stamp` is the time that receivers compare with
    theirs.
    """

    name = "webhooks"

    def __init__(
        self,
        sessions: Sessions,
        caller: Caller,
        keys: Sequence[str],
        clock: Callable[[], datetime],
        stamp: Callable[[], datetime] | None = None,
        lease: timedelta = deliveries.LEASE,
    ) -> None:
        super().__init__()
        self._sessions, self._caller, self._keys = sessions, caller, keys
        self._clock, self._stamp = clock, stamp or clock
        self._lease = max(lease, deliveries.SHORTEST_LEASE)
        self._hands = ThreadPoolExecutor(MOST_ADDRESSES * AT_ONCE, "webhook")
        self._answered: SimpleQueue[tuple[Due, Answer]] = SimpleQueue()
        self._unwritten: list[tuple[Due, Answer]] = []
        self._out: Counter[int] = Counter()
        self._spared: dict[int, datetime] = {}

    def step(self) -> bool:
        """Writes down what was answered, and sends out what is due."""
        now = self._clock()
        self._collect()
        room = self._with_room(now)
        if not self._unwritten and not room:
            return False
        with self._sessions.begin() as session:
            for due, answer in self._unwritten:
                deliveries.settle(session, due, answer, now)
                self._spare(due.webhook_id, answer, now)
            taken = [
                due
                for one, most in room.items()
                for due in deliveries.claim(session, one, most, now, self._lease)
            ]
        settled = len(self._unwritten)
        self._out.subtract(due.webhook_id for due, _ in self._unwritten)
        self._unwritten.clear()
        for due in taken:
            self._out[due.webhook_id] += 1
            self._hands.submit(self._call, due)
        return bool(settled or taken)

    def _collect(self) -> None:
        """Kept until it is written, should the database fail."""
        while True:
            try:
                self._unwritten.append(self._answered.get_nowait())
            except Empty:
                return

    def _with_room(self, now: datetime) -> dict[int, int]:
        with self._sessions.read() as session:
            found = deliveries.with_work(session, now, self._lease)
        coming = Counter(due.webhook_id for due, _ in self._unwritten)
        room = {one: AT_ONCE - self._out[one] + coming[one] for one in found}
        return {one: most for one, most in room.items() if most > 0 and not self._is_spared(one, now)}

    def _spare(self, webhook: int, answer: Answer, now: datetime) -> None:
        """Who has too much to do for one message has it for the others, too."""
        if wait := min(asked_to_wait(answer, now), SPARED_FOR):
            self._spared[webhook] = now + wait

    def _is_spared(self, webhook: int, now: datetime) -> bool:
        return lies_ahead(self._spared.get(webhook), now, SPARED_FOR)

    def _call(self, due: Due) -> None:
        """In a thread of its own."""
        try:
            answer = self._told(due)
        except Exception:
            log.exception("a webhook could not be called; it is tried again")
            answer = Answer(None, BROKE_OFF)
        self._answered.put((due, answer))
        self.wake()

    def _told(self, due: Due) -> Answer:
        headers = signing.headers(self._keys, due.nonce, uid=due.uid, body=due.body, at=self._stamp())
        return self._caller.call(due.url, headers, due.body)

    def run_until_idle(self) -> None:
        while self.step() or self._out.total():
            self._woken.wait(IDLE if self._out.total() else 0)
            self._woken.clear()

    def run(self) -> None:
        super().run()
        self._hands.shutdown(cancel_futures=True)  # what is being told is finished
        self._worked()

    def close(self) -> None:
        self._hands.shutdown(cancel_futures=True)
