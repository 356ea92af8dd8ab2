"""Huey as the engine: it carries wake-ups that may be lost, and hosts the drain loops and periodic jobs.

Wake-ups go through the broker. Jobs have their hour in each process by itself, without the broker, and `turn`
lets one process of all do them.

The outbox is the truth; nothing that must not be lost is ever in the queue.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from huey import Huey, MemoryHuey, RedisHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage

from wallet_service import metrics
from wallet_service.domain.errors import Quarantined, Unavailable
from wallet_service.push.bell import Bell
from wallet_service.push.fellows import Fellows
from wallet_service.push.resident import Resident

log = logging.getLogger(__name__)

POLL = 0.03  # seconds between two looks for a wake-up: the till-to-push time hangs on it
GIVE_UP = 10.0
BUSY = 1.0  # seconds for which another process may have the file
TOLD_EVERY = 60.0


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Ids only, never pickle: whoever reaches the broker must not reach our process (S26). What is none of
    our messages is counted and dropped.
    """

    def _serialize(self, data: Any) -> bytes:
        body = {"message": list(data)} if isinstance(data, Message) else {"value": data}
        return json.dumps(body, default=str).encode()

    def _deserialize(self, data: bytes) -> Any:
        try:
            body = json.loads(bytes(data))
            return _message(body["message"]) if "message" in body else body["value"]
        except (ValueError, TypeError, KeyError, RecursionError) as fault:
            metrics.QUEUE_REFUSED.inc()
            raise ValueError("A message in the queue is none of ours.") from fault


def _message(parts: list[Any]) -> Message:
    if len(parts) != len(Message._fields) or not isinstance(parts[1], str):
        raise ValueError("Not of the form of a message.")
    return Message(*parts)


class File(SqliteStorage):  # type: ignore[misc]
    """On SQLite; several workers on one file wait for each other."""

    def initialize_schema(self) -> None:
        """It takes the whole file, so only where there is none yet: whoever starts waits for nobody."""
        made = "SELECT count(*) FROM sqlite_master WHERE name IN ('task_queue_priority_id', 'counter')"
        if self.sql(made, results=True)[0][0] < 2:
            super().initialize_schema()
        self.close()


class Outage(logging.Filter):
    """The consumer looks many times a second: a broker that is away is one line now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at = -TOLD_EVERY

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or not str(record.msg).startswith("Error reading"):
            return True
        if monotonic() - self._told_at < TOLD_EVERY:
            return False
        self._told_at = monotonic()
        record.msg = "the queue cannot be read: %r; workers look by themselves"
        record.args, record.exc_info = (record.exc_info[1],), None
        return True


OUTAGE = Outage()


class Aside:
    """A long job in a thread of its own, one at a time: the queue's only worker carries the wake-ups."""

    def __init__(self, name: str, job: Callable[[], None]) -> None:
        self._name, self._job = name, job
        self._at_it = threading.Lock()

    def __call__(self) -> None:
        if self._at_it.acquire(blocking=False):
            threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        try:
            self._job()
        except Quarantined:
            log.info("the job %s waits until the quarantine is over", self._name)
        except Exception:
            log.exception("the job %s failed; it runs again at its next time", self._name)
        finally:
            self._at_it.release()


class Queue:
    """`wake()` asks the worker process to look at once; `every()` registers a periodic job."""

    def __init__(self, url: str, turn: Callable[[str, int], bool] = lambda _name, _minutes: True) -> None:
        self._huey, self._jobs = _huey(url), MemoryHuey("jobs", results=False)
        self._fellows = Fellows(self._huey, self._wake_own)
        self._turn = turn
        self._workers: Sequence[Resident] = ()
        self._wake = self._huey.task(name="wake")(self._wake_workers)
        self._bell = Bell(self._send, "wake")

    def wake(self) -> None:
        """Best effort: a lost wake-up costs a second, never an update. A till does not wait for the broker,
        and a rush of purchases sends few wake-ups.
        """
        self._bell.pull()

    def _send(self) -> None:
        try:
            self._wake()
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
            metrics.WAKE_UPS_LOST.inc()
            log.warning("the wake-up was lost (%s); the worker looks by itself", type(error).__name__)

    def waiting(self) -> int:
        """How many wake-ups nobody took yet; raises whatever the broker's client raises."""
        return int(self._huey.pending_count())

    def every(self, name: str, job: Callable[[], None], *, minutes: int, everywhere: bool = False) -> None:
        """`everywhere`: by each worker, because it looks after this machine or asks for its turn itself."""

        def in_turn() -> None:
            if everywhere or self._turn(name, minutes):
                job()

        hour = crontab(minute=f"*/{minutes}") if minutes < 60 else crontab(minute="0")
        self._jobs.periodic_task(hour, name=name)(_unless_it_stands(name, in_turn))

    def serve(self, workers: Sequence[Resident]) -> None:
        """Runs until SIGINT or SIGTERM; what is being told is finished first."""
        self._workers = workers
        for name in ("huey.consumer.Worker", "huey.consumer.Scheduler"):
            logging.getLogger(name).addFilter(OUTAGE)
        loops = [threading.Thread(target=worker.run, name=f"drain-{i}") for i, worker in enumerate(workers)]
        for loop in loops:
            loop.start()
        try:
            with self._fellows.heard(), self._at_their_hour():
                self._consumer().run()
        finally:
            for worker in workers:
                worker.stop()
            for loop in loops:
                loop.join(GIVE_UP)

    def _consumer(self) -> Consumer:
        return Consumer(self._huey, workers=1, initial_delay=POLL, max_delay=POLL, check_worker_health=False)

    @contextmanager
    def _at_their_hour(self) -> Iterator[None]:
        jobs = Consumer(self._jobs, workers=1, initial_delay=1, max_delay=1, check_worker_health=False)
        jobs.start()
        try:
            yield
        finally:
            jobs.stop()

    def _wake_workers(self) -> None:
        self._wake_own()
        self._fellows.wake()

    def _wake_own(self) -> None:
        for worker in self._workers:
            worker.wake()


def _unless_it_stands(name: str, job: Callable[[], None]) -> Callable[[], None]:
    def done() -> None:
        try:
            job()
        except Quarantined:
            log.info("the job %s waits until the quarantine is over", name)
        except Unavailable as error:
            log.warning("the job %s waits for its next time: %s", name, error.detail)

    return done


def _huey(url: str) -> Huey:
    if url.startswith(("redis", "unix")):
        return RedisHuey("wallet", url=url, serializer=JsonSerializer(), results=False)
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return Huey(
        "wallet",
        storage_class=File,
        filename=str(path),
        fsync=False,
        timeout=BUSY,
        serializer=JsonSerializer(),
        results=False,
    )
