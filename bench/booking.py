"""A purchase through the action, beside a bare transaction that writes one line and one balance.

Both go through the same `Sessions` into the same database and wait for the same disk: the bare one inserts
a row as wide as a plain ledger and raises a balance if its version is still the one that was read. The
action beside that locks the card, looks whether the receipt is new, takes the idempotency key, evaluates
the rules, writes a lot, chains the line, and raises the marks of two wallets. Writers are threads of one
process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from statistics import median
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    update,
)

from bench.result import Result
from bench.tills import rate, shops
from tests.shop import CASHIER, Shop
from wallet_service.actions import earn, join
from wallet_service.db.session import Sessions
from wallet_service.domain.rules import Purchase

CARDS = 1_000
WALLETS = ("apple", "google")
WRITERS = (1, 8)
ROUNDS, SECONDS = 9, 0.7
TARGET = 0.5
RECEIPTS = count(1)

BIG = BigInteger().with_variant(Integer, "sqlite")
BARE = MetaData()
BALANCE = Table(
    "bare_balance",
    BARE,
    Column("id", BIG, primary_key=True),
    Column("balance", BIG, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
LINE = Table(
    "bare_line",
    BARE,
    Column("id", BIG, primary_key=True),
    Column("card_id", BIG, ForeignKey("bare_balance.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("points", BIG, nullable=False),
    Column("total", BIG, nullable=False),
    Column("key", String(128), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("store", String(64), nullable=False),
    Column("till", String(64), nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("key"),
)
WRITE = insert(LINE)
RAISE = (
    update(BALANCE)
    .where(BALANCE.c.id == bindparam("card"), BALANCE.c.balance + bindparam("gain") >= 0)
    .values(balance=BALANCE.c.balance + bindparam("gain"), changed_at=bindparam("now"))
)


def measure() -> Iterator[Result]:
    with shops() as opened:
        for name, shop in opened.items():
            purchase, bare = Purchases(shop), Bare(shop.services.sessions)
            for writers in WRITERS:
                ours, limit = _rounds(purchase, bare, writers)
                label = f"book, {name}, {writers} writer{'s' if writers > 1 else ''}"
                yield Result(label, ours, limit, "a second", "two bare statements", TARGET)


def _rounds(ours: Callable[[], None], bare: Callable[[], None], writers: int) -> Sequence[float]:
    """Medians of short rounds that take turns."""
    timed = partial(rate, writers=writers, seconds=SECONDS)
    timed(ours), timed(bare)
    rounds = [(timed(ours), timed(bare)) for _ in range(ROUNDS)]
    return [median(figures) for figures in zip(*rounds, strict=True)]


class Purchases:
    """Called, books one: any of the cards, a receipt of its own."""

    def __init__(self, shop: Shop, cards: int = CARDS) -> None:
        self._sessions = shop.services.sessions
        self.cards = [_card(shop) for _ in range(cards)]

    def __call__(self) -> None:
        self.book(secrets.choice(self.cards))

    def book(self, card: str) -> None:
        now = datetime.now(UTC)
        purchase = Purchase(now, total=25_000, currency="RUB", receipt=f"2026-{next(RECEIPTS):08}")
        with self._sessions.begin() as session:
            earn.earn(
                session,
                card=card,
                purchase=purchase,
                key=uuid4().hex,
                actor=CASHIER,
                wallets=WALLETS,
                now=now,
            )


def _card(shop: Shop) -> str:
    with shop.services.sessions.begin() as session:
        return join.join(
            session,
            program=shop.program,
            wallets=WALLETS,
            entropy=shop.services.entropy,
            now=datetime.now(UTC),
            language="en",
        )


class Bare:
    """Called, writes one line and raises one of a thousand balances."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        with sessions.begin() as session:
            BARE.create_all(session.connection())
            rows = [{"id": card, "balance": 2, "changed_at": datetime.now(UTC)} for card in range(CARDS)]
            session.execute(insert(BALANCE), rows)

    def __call__(self) -> None:
        now, card = datetime.now(UTC), secrets.randbelow(CARDS)
        line = {"card_id": card, "kind": "earn", "points": 1, "total": 25_000, "key": uuid4().hex}
        line |= {"actor": CASHIER.name, "store": CASHIER.store, "till": CASHIER.till}
        with self._sessions.begin() as session:
            session.execute(WRITE, line | {"occurred_at": now, "recorded_at": now})
            session.execute(RAISE, {"card": card, "gain": 1, "now": now})


if __name__ == "__main__":
    for result in measure():
        print(result)
