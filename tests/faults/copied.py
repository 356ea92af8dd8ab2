"""Cards by the hundred thousand, each on a phone of its own, copied by the database from one that lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, func, select, text
from sqlalchemy.orm import Session

from wallet_service.db.session import Sessions
from wallet_service.db.tables import ApplePass, Card, CardNumber, Device, Member, Outbox, Registration
from wallet_service.db.tables.base import table

NUMBER = "CAST({card} + 1000000000000000000 AS TEXT)"


def _padded(number: str, to: int) -> str:
    digits = f"CAST({number} AS TEXT)"
    return f"substr('{'0' * to}' || {digits}, length({digits}) + 1)"


OTHERS: Mapping[type[Any], Mapping[str, str]] = {
    Member: {"id": "{member}"},
    Card: {
        "id": "{card}",
        "member_id": "{member}",
        "serial": "'00000000-0000-4000-8000-' || " + _padded("{card}", 12),
        "number": NUMBER,
    },
    CardNumber: {"number": NUMBER, "card_id": "{card}"},
    Outbox: {"card_id": "{card}", "wanted": "1", "told": "1"},
    ApplePass: {"card_id": "{card}"},
    Device: {"id": "{device}", "library_id": _padded("{device}", 32), "push_token": _padded("{device}", 64)},
    Registration: {"device_id": "{device}", "card_id": "{card}"},
}
"""What differs in a copy. What else a row needs is as in a new one, or as in the card that is copied."""
COPIES = "WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {cards})"


def add_crowd(sessions: Sessions, serial: str, cards: int) -> list[str]:
    """So many more like this one, nothing booked on them yet, and nobody waits to hear of anything. Answers
    their serial numbers.
    """
    with sessions.begin() as session:
        if not sessions.sqlite:
            session.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign keys
            session.execute(text("SET LOCAL statement_timeout = 0"))
        model = session.scalars(select(Card).where(Card.serial == serial)).one()
        ids = {
            name: f"({session.scalar(select(func.max(kind.id)))} + copy.n)"
            for name, kind in (("member", Member), ("card", Card), ("device", Device))
        }
        last = session.scalar(select(func.max(Card.id)))
        for kind in OTHERS:
            _copy(session, kind, model, ids, cards)
        return list(session.scalars(select(Card.serial).where(Card.id > last)))


def _copy(session: Session, kind: type[Any], model: Card, ids: Mapping[str, str], cards: int) -> None:
    of, others = table(kind), OTHERS[kind]
    given = {one.name: others.get(one.name) or _usual(one) for one in of.columns}
    columns = {name: words for name, words in given.items() if words is not None}
    words = ", ".join(columns.values()).format(**ids)
    rows = f"SELECT {words} FROM (SELECT * FROM {of.name} WHERE {_of_model(kind, model)}) AS one, copy"
    names = ", ".join(columns)
    session.execute(text(f"INSERT INTO {of.name} ({names}) {COPIES.format(cards=cards)} {rows}"))
    if "id" in columns and session.get_bind().dialect.name == "postgresql":
        newest = f"SELECT setval(pg_get_serial_sequence('{of.name}', 'id'), max(id)) FROM {of.name}"
        session.execute(text(newest))


def _usual(column: Column[Any]) -> str | None:
    """None where the database gives it by itself."""
    if column.name == "id":
        return None
    if column.default is not None and column.default.is_scalar:
        usual = column.default.arg  # type: ignore[attr-defined]
        return f"'{usual}'" if isinstance(usual, str) else str(usual).upper()
    return "NULL" if column.nullable else f"one.{column.name}"


def _of_model(kind: type[Any], model: Card) -> str:
    if kind is Member:
        return f"id = {model.member_id}"
    if kind is Card:
        return f"id = {model.id}"
    if kind is Device:
        return f"id = (SELECT min(device_id) FROM registration WHERE card_id = {model.id})"
    if kind is Registration:
        return f"id = (SELECT min(id) FROM registration WHERE card_id = {model.id})"
    return f"card_id = {model.id}"
