"""F7: one statement in the midst of a booking fails; nothing of the booking may be left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import requests
from sqlalchemy import text

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import SQLITE, ground
from tests.faults.house import House
from tests.faults.tills import Memory

BOOKINGS = 40  # tried against each of the broken statements
BROKEN = (("outbox", "UPDATE"), ("ledger_entry", "INSERT"), ("operation", "UPDATE"), ("card", "UPDATE"))
WRITTEN = ("operation", "ledger_entry", "open_lot", "tally", "webhook_message")
CARDS, ON_ANDROID = 5, 2


def run(kind: str, scale: float, seed: int) -> Count:
    bookings, left, wrong, failed = max(3, round(BOOKINGS * scale)), 0, list[str](), 0
    with ground().house(kind, cards=CARDS, on_android=ON_ANDROID) as house:
        keys = [uuid4().hex for _ in range(bookings)]
        for table, verb in BROKEN:
            before = _fingerprint(house)
            with _failing(house, table, verb, kind):
                statuses = [_book(house, turn, key) for turn, key in enumerate(keys)]
            failed += sum(status >= 500 for status in statuses)
            wrong += [
                f"{verb} {table} failed, and the answer was {status}" for status in statuses if status < 500
            ]
            if _fingerprint(house) != before:
                left += 1
                wrong.append(f"{verb} {table} failed, and something was written")
        statuses = [_book(house, turn, key) for turn, key in enumerate(keys)]
        wrong += [f"the same key was answered {status} afterwards" for status in statuses if status != 201]
        house.start_worker()
        found = check(house, Memory())
    done = f"{len(BROKEN)} statements that fail, {failed} bookings, {left} left something"
    return Count.of(f"F7 statement fails, {kind}", done, found, faults=failed, amiss=wrong)


def _book(house: House, turn: int, key: str) -> int:
    return requests.post(
        f"{house.web}/api/v1/cards/{house.held[turn % CARDS].serial}/purchases",
        json={"total": 25_000, "receipt": key},
        headers={"Authorization": f"Bearer {house.api_key}", "Idempotency-Key": key},
        timeout=30,
    ).status_code


@contextmanager
def _failing(house: House, table: str, verb: str, kind: str) -> Iterator[None]:
    """The database itself raises, as Boulder's tests have it."""
    if kind == SQLITE:
        broken = [
            f"CREATE TRIGGER broken BEFORE {verb} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
        ]
        mended = ["DROP TRIGGER broken"]
    else:
        broken = [
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'broken on purpose'; END$$",
            f"CREATE TRIGGER broken BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION broken()",
        ]
        mended = [f"DROP TRIGGER broken ON {table}", "DROP FUNCTION broken()"]
    _execute(house, broken)
    try:
        yield
    finally:
        _execute(house, mended)


def _execute(house: House, statements: list[str]) -> None:
    with house.shop.services.sessions.begin() as session:
        for statement in statements:
            session.execute(text(statement))


def _fingerprint(house: House) -> list[object]:
    """How much stands in each table, and where every card and mark is."""
    with house.shop.services.sessions.read() as session:
        counts = [session.scalar(text(f"SELECT count(*) FROM {table}")) for table in WRITTEN]
        cards = session.execute(text("SELECT id, version, seq, balance FROM card ORDER BY id")).all()
        marks = session.execute(text("SELECT id, wanted, told FROM outbox ORDER BY id")).all()
    return [counts, cards, marks]
