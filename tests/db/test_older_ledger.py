"""What an earlier release booked is brought into this one's form, with nothing lost and nothing doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, DateTime, bindparam, text

from tests.shop import DEMO, OPENING, Clock, Shop, make_settings
from wallet_service.db import migrate
from wallet_service.db.session import Sessions
from wallet_service.domain.identifiers import card_number
from wallet_service.wiring import build_services

SERIAL = "0b9ae0a5-5a1e-4a53-8a5d-0c8d1f4f0a11"
NUMBER = card_number(bytes(range(16)))
SECOND = "1c8bf1b6-6b2f-4b64-9b6e-1d9e2f5a1b22"
BODY = {name: value for name, value in DEMO.items() if name not in ("rules", "visit_minimum")} | {
    "earning": {"per_visit": 1, "visit_minimum": 20000, "per_amount": 0, "give": 0}
}
Line = tuple[str, int, int, int, int | None, str | None]
BOOKED: list[Line] = [  # kind, points, status, endowed, the entry it takes back, receipt
    ("grant", 2, 0, 2, None, None),
    *[("earn", 1, 1, 0, None, f"r-{number}") for number in range(11)],
    ("redeem", -12, 0, -2, None, None),
    ("grant", 2, 0, 2, None, None),
    ("reverse", -2, 0, -2, 14, None),
    ("reverse", 12, 0, 2, 13, None),
    ("refund", -1, -1, 0, 2, None),
    ("adjust", -1, 0, 0, None, None),
]
ROUND: list[Line] = [
    ("grant", 2, 0, 2, None, None),
    *[("earn", 1, 1, 0, None, f"r/{number}") for number in range(10)],
    ("redeem", -12, 0, -2, None, None),
    ("grant", 2, 0, 2, None, None),
]


@pytest.fixture
def shop(empty_database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """Opened for the first time since the tables changed."""
    older = Sessions(empty_database_url)
    migrate.upgrade(older.engine, "0002")
    with older.engine.execution_options(wallet_writer=True).begin() as connection:
        _book(connection)
        _count_on(connection)
    older.close()
    clock = Clock(OPENING)
    shop = Shop(build_services(make_settings(tmp_path, empty_database_url), clock=clock), clock)
    migrate.upgrade(shop.services.sessions.engine)
    yield shop
    shop.services.sessions.close()


def test_the_card_holds_what_it_held_and_goes_on(shop: Shop) -> None:
    assert shop.face(SERIAL).progress.value == 11
    shop.earn(SERIAL)
    shop.redeem(SERIAL)
    assert shop.face(SERIAL).progress.value == 2


def test_a_receipt_of_then_is_still_known(shop: Shop) -> None:
    again = shop.earn(NUMBER, total=25000, receipt="r-5")
    assert again.repeated
    assert shop.face(SERIAL).progress.value == 11


def test_a_card_that_ended_with_a_reward_and_a_gift_is_at_the_start_of_its_round(shop: Shop) -> None:
    with shop.services.sessions.read() as session:
        kept = session.execute(text("SELECT last_kind, gained FROM card ORDER BY id")).all()
    assert [tuple(row) for row in kept] == [("adjust", 0), ("redeem", 0)]
    assert shop.face(SECOND).progress.value == 2
    assert shop.earn(SECOND, total=25000, receipt="r/1").repeated


def test_every_point_that_is_left_lies_in_a_lot(shop: Shop) -> None:
    with shop.services.sessions.read() as session:
        left = session.execute(text("SELECT sum(points_left) FROM open_lot")).scalar()
        first = session.execute(text("SELECT previous_hash FROM ledger_entry WHERE seq = 1")).scalar()
        chained = session.execute(
            text(
                "SELECT count(*) FROM ledger_entry a JOIN ledger_entry b "
                "ON b.card_id = a.card_id AND b.seq = a.seq + 1 AND b.previous_hash = a.hash"
            )
        ).scalar()
    assert (left, first, chained) == (11 + 2, "", len(BOOKED) - 1 + len(ROUND) - 1)


def _book(connection: Connection) -> None:
    """Straight into the tables as they were."""
    _insert(connection, "program", id=1, slug="coffee", version=1, created_at=OPENING)
    _insert(
        connection,
        "program_version",
        id=1,
        program_id=1,
        number=1,
        body=json.dumps(BODY),
        published_at=OPENING,
    )
    _book_card(connection, 1, SERIAL, NUMBER, BOOKED, "adjust")
    _book_card(connection, 2, SECOND, card_number(bytes(range(1, 17))), ROUND, "grant", 100)


def _book_card(
    connection: Connection,
    card: int,
    serial: str,
    number: str,
    booked: Sequence[Line],
    last: str,
    before: int = 0,
) -> None:
    """With the entries numbered from `before` on."""
    _insert(connection, "member", id=card, name="Ann", language="en", created_at=OPENING)
    _insert(
        connection,
        "card",
        id=card,
        serial=serial,
        program_id=1,
        member_id=card,
        number=number,
        status="active",
        version=len(booked),
        balance=sum(points for _, points, *_ in booked),
        status_points=sum(status for _, _, status, *_ in booked),
        endowed=2,
        gained=0,
        last_kind=last,
        created_at=OPENING,
        changed_at=OPENING,
    )
    _insert(connection, "card_number", number=number, card_id=card, created_at=OPENING)
    for wallet in ("apple",):
        _insert(
            connection,
            "outbox",
            id=card,
            card_id=card,
            wallet=wallet,
            wanted=len(booked),
            told=0,
            due_at=OPENING,
            priority=0,
            notify=True,
            tries=0,
            parked=False,
        )
    balance = 0
    for seq, (kind, points, status, endowed, reverses, receipt) in enumerate(booked, 1):
        balance += points
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=seq)
        _insert(
            connection,
            "operation",
            id=before + seq,
            scope="staff:1",
            key=f"k{before + seq}",
            verb=kind,
            fingerprint="f",
            made_at=at,
        )
        step = {"rule": "adjusted", "points": points, "facts": [["reason", "counted twice"]]}
        _insert(
            connection,
            "ledger_entry",
            id=before + seq,
            card_id=card,
            program_id=1,
            program_version_id=1,
            operation_id=before + seq,
            seq=seq,
            kind=kind,
            points=points,
            balance_after=balance,
            status_points=status,
            endowed=endowed,
            reverses_id=reverses,
            natural_key=receipt,
            trace=json.dumps([step] if kind == "adjust" else []),
            actor="staff:1",
            store=None,
            till=None,
            occurred_at=at,
            recorded_at=at,
        )


def _count_on(connection: Connection) -> None:
    """PostgreSQL has not seen the numbers that were given by hand."""
    if connection.dialect.name == "postgresql":
        for table in ("program", "program_version", "member", "card", "outbox", "operation", "ledger_entry"):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )


def _insert(connection: Connection, table: str, **values: object) -> None:
    moments = [
        bindparam(name, type_=DateTime(timezone=True))
        for name, value in values.items()
        if isinstance(value, datetime)
    ]
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    statement = text(f"INSERT INTO {table} ({names}) VALUES ({places})")
    connection.execute(statement.bindparams(*moments) if moments else statement, values)
