"""A city of cards in PostgreSQL: a few lives that the real actions lived, and a thousand copies of each.

The copies go in by COPY with the triggers switched off. Each has a number, receipts and a chain of its own,
so that `check-ledger` finds nothing amiss; the lines of a card lie apart from each other, as they do when
they are booked over the years.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bench.bare_tables import without_indexes
from bench.copies import TABLES, Copies
from bench.copy_rows import Connection
from bench.lives import PROGRAM, live
from bench.told import told
from tests.services import postgres
from tests.shop import Shop, make_shop
from wallet_service.actions.check_ledger import check_ledger

CARDS, LIVES = 100_000, 50
SETTINGS = {
    "fsync": "on",
    "shared_buffers": "4GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
}
CHECKED_SLICES = 2
WARM = """
    SELECT count(pg_prewarm(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
    AND relname NOT IN ('ledger_entry', 'operation')
"""
LATELY = """
    SELECT pg_prewarm('ledger_entry', 'buffer', 'main', pages * 7 / 8, pages - 1)
    FROM (SELECT pg_relation_size('ledger_entry') / 8192 AS pages) AS ledger
"""
"""What was booked lately is what a scan shows; a shop's machine has it in its memory."""


@dataclass(frozen=True)
class City:
    """`numbers` are those of all its cards."""

    shop: Shop
    numbers: list[str]


@contextmanager
def city(cards: int = CARDS, lives: int = LIVES) -> Iterator[City]:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.cluster(**SETTINGS) as server,
        postgres.database(server) as address,
    ):
        shop = make_shop(Path(folder), address)
        with told(f"{lives} lives"):
            live(shop, lives, datetime.now(UTC))
        url = make_url(address).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
            numbers = _settled(connection, shop, cards // lives - 1)
        with told("check"):
            _require_whole(shop)
        yield City(shop, numbers)
        shop.services.sessions.close()


def _settled(connection: Connection, shop: Shop, copies: int) -> list[str]:
    with shop.services.sessions.read() as session:
        made = Copies(connection, session, copies)
    connection.execute("SET session_replication_role = replica")  # no trigger, no foreign key
    with without_indexes(connection, TABLES):
        made.write()
    connection.execute("SET session_replication_role = origin")
    with told("vacuum"):
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    with told("warm up"):
        for statement in ("CREATE EXTENSION IF NOT EXISTS pg_prewarm", WARM, LATELY):
            connection.execute(statement)
    return [number for (number,) in connection.execute("SELECT number FROM card_number")]


def _require_whole(shop: Shop) -> None:
    """The lives and some copies of each; all of them would take the nightly check its time."""
    looks = check_ledger(shop.services.sessions, wallets=shop.services.wallets, program=PROGRAM)
    findings = [finding for looked in islice(looks, CHECKED_SLICES) for finding in looked.findings]
    if findings:
        raise RuntimeError(f"the city does not add up: {findings[0]}")
