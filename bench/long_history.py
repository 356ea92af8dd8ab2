"""Cards with 10, 1,000 and 100,000 entries: what it takes to read a balance, a face, and to book one more.

The long histories are booked by the action up to the first hundred lines and copied from there, with a lot
each and a chain that holds, so that the cards differ in nothing but their length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bench.booking import Purchases
from bench.result import Result
from bench.tills import shops
from tests.shop import Shop
from wallet_service.actions import entries, show, stand
from wallet_service.db.tables import Card, LedgerEntry, OpenLot
from wallet_service.db.tables.base import table
from wallet_service.domain import chain

LENGTHS = (10, 1_000, 100_000)
BATCH = 5_000
ROUNDS, TURNS = 15, 20
TARGET = 1.5

card_table, entry_table, lot_table = table(Card), table(LedgerEntry), table(OpenLot)


def measure() -> Iterator[Result]:
    with shops() as opened:
        for name, shop in opened.items():
            cards = {length: _card(shop, length) for length in LENGTHS}
            for what, work in _works(shop).items():
                took = _medians([partial(work, card) for card in cards.values()])
                for length, us in zip(LENGTHS[1:], took[1:], strict=True):
                    yield Result(f"{what}, {length:,}, {name}", us, took[0], "us", "with 10 entries", TARGET)


def _works(shop: Shop) -> dict[str, Callable[[str], None]]:
    purchases = Purchases(shop, cards=0)

    def balance(card: str) -> None:
        with shop.services.sessions.read() as session:
            stand.stand(session, card=card, now=datetime.now(UTC))

    def face(card: str) -> None:
        with shop.services.sessions.read() as session:
            show.show(session, card=card, links=shop.services.links, now=datetime.now(UTC))

    return {"read a balance": balance, "read a face": face, "book one more": purchases.book}


def _medians(works: Sequence[Callable[[], None]]) -> Sequence[float]:
    """Microseconds, in rounds that take turns."""
    for work in works:
        work()
    rounds = [[_took(work) for work in works] for _ in range(ROUNDS)]
    return [median(figures) for figures in zip(*rounds, strict=True)]


def _took(work: Callable[[], None]) -> float:
    began = perf_counter()
    for _ in range(TURNS):
        work()
    return (perf_counter() - began) * 1_000_000 / TURNS


def _card(shop: Shop, length: int) -> str:
    """A welcome gift, purchases, and no redemption: as many open lots as there are entries."""
    purchases = Purchases(shop, cards=1)
    (card,) = purchases.cards
    for _ in range(min(length, 100) - 1):
        purchases()
    with shop.services.sessions.begin() as session:
        _lengthen(session.connection(), card, length)
    return card


def _lengthen(connection: Connection, serial: str, length: int) -> None:
    """The last purchase again and again, each with its lot, its number and its hash."""
    card = connection.execute(select(card_table).where(card_table.c.serial == serial)).one()._mapping
    last = _one(connection, entry_table, card["id"], card["seq"])
    lot = _one(connection, lot_table, card["id"], card["seq"])
    lines = _copies(last, card["serial"], length)
    while rows := list(islice(lines, BATCH)):
        connection.execute(insert(entry_table), rows)
        connection.execute(insert(lot_table), [lot | {"seq": row["seq"]} for row in rows])
        last = rows[-1]
    now = {"seq": last["seq"], "balance": last["balance_after"], "head": last["hash"]}
    connection.execute(update(card_table).where(card_table.c.id == card["id"]).values(now))


def _one(connection: Connection, of: Any, card_id: int, seq: int) -> dict[str, Any]:
    wanted = select(of).where(of.c.card_id == card_id, of.c.seq == seq)
    return {**connection.execute(wanted).one()._mapping}


def _copies(last: dict[str, Any], serial: str, length: int) -> Iterator[dict[str, Any]]:
    """Without a receipt: those count once."""
    row = {name: value for name, value in last.items() if name != "id"}
    row |= {"natural_key": None, "receipt": None}
    for seq in range(row["seq"] + 1, length + 1):
        row = row | {"seq": seq, "balance_after": row["balance_after"] + row["points"]}
        row["previous_hash"] = row["hash"]
        said = entries.line(row, serial=serial, program="coffee@1", reverses=None, takes=())
        row["hash"] = chain.digest(row["previous_hash"], said)
        yield row


if __name__ == "__main__":
    for result in measure():
        print(result)
