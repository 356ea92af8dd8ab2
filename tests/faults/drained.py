"""L6: one sender works off a million marks."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime

from sqlalchemy import func, select

from tests.faults.count import Count, Steps, finished
from tests.faults.ground import POSTGRESQL, SQLITE, ground, straight_to
from tests.faults.house import Now, wait_for
from tests.services import postgres
from tests.shop import make_shop
from wallet_service.db.tables import Outbox
from wallet_service.push.wallet import TOLD, Note, Outcome
from wallet_service.push.worker import Worker

MARKS, SECONDS = 1_000_000, 10.0
LEAST = {SQLITE: 5_000.0, POSTGRESQL: 2_500.0}
DUE = """
    INSERT INTO outbox
        (card_id, wallet, wanted, told, due_at, raised_at, priority, notify, tries, parked)
    WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {marks})
    SELECT n, 'apple', 2, 1, '{at}', '{at}', 0, TRUE, 0, FALSE FROM copy
"""


def run(kind: str, scale: float, seed: int) -> Count:
    return finished(measure(kind, scale, seed))


def measure(kind: str, scale: float, seed: int) -> Steps:
    """L6: one sender that only writes down what it was told, at the marks as they come from tills."""
    marks, seconds = max(2_000, round(MARKS * scale)), max(1.0, SECONDS * scale)
    with ground().folder(on_disk=True) as folder, ExitStack() as held:
        address = f"sqlite:///{folder / 'wallet.db'}"
        if kind == POSTGRESQL:
            address = held.enter_context(postgres.database(ground().server))
        shop = make_shop(folder, address)
        sessions, taker = shop.services.sessions, Taker()
        _raise(address, marks)
        worker = Worker(sessions, taker, Now())
        began = time.monotonic()
        sender = threading.Thread(target=worker.run, name="sender")
        sender.start()
        wait_for(
            lambda: len(taker.heard) >= marks or time.monotonic() - began > seconds, 2 * seconds, "the end"
        )
        rate = len(taker.heard) / (time.monotonic() - began)
        worker.stop()
        sender.join()
        with sessions.read() as session:
            told = session.scalar(
                select(func.count()).select_from(Outbox).where(Outbox.told == Outbox.wanted)
            )
        sessions.close()
    yield
    missing, doubled = len(set(taker.heard)) - (told or 0), len(taker.heard) - len(set(taker.heard))
    amiss = [f"{rate:.0f} marks a second, {LEAST[kind]:.0f} are promised"] if rate < LEAST[kind] else []
    done = f"{len(taker.heard)} of {marks} marks in {seconds:.0f} s, {rate:.0f} a second"
    return Count(f"L6 drain, {kind}", done, 0, len(taker.heard), missing, doubled, amiss=tuple(amiss))


class Taker:
    """A wallet that believes everything at once, and remembers what it was told."""

    name = "apple"

    def __init__(self) -> None:
        self.heard: list[int] = []

    def tell(self, notes: Sequence[Note], now: datetime) -> Iterable[tuple[Note, Outcome]]:
        for note in notes:
            self.heard.append(note.id)
            yield note, TOLD


def _raise(address: str, marks: int) -> None:
    """So many cards changed a moment ago. A sender never looks at a card, so there need be none."""
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as small:  # without foreign keys
            small.execute(DUE.format(marks=marks, at=at))
            small.commit()
        return
    with straight_to(address) as large:
        large.execute("SET session_replication_role = replica")
        large.execute(DUE.format(marks=marks, at=f"{at}+00").encode())
        large.execute("VACUUM ANALYZE outbox")
