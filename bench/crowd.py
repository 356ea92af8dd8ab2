"""A crowd of cards in PostgreSQL, each on a phone of its own, copied by the database from one that lived."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import make_url

from bench.copy_rows import Connection
from bench.told import told

TABLES = ("member", "card", "card_number", "outbox", "apple_pass", "device", "registration")
OTHERS = {
    "member": {},
    "card": {
        "serial": "gen_random_uuid()::text",
        "number": "lpad((1000000000000000000 + {id})::text, 19, '0')",
        "member_id": "{id}",
    },
    "card_number": {"number": "lpad((1000000000000000000 + {id})::text, 19, '0')", "card_id": "{id}"},
    "outbox": {"card_id": "{id}"},
    "apple_pass": {"card_id": "{id}"},
    "device": {
        "library_id": "lpad(to_hex({id}), 32, '0')",
        "push_token": "(%(tokens)s::text[])[1 + {id} %% %(many)s]",
    },
    "registration": {"device_id": "{id}", "card_id": "{id}"},
}
"""What differs in a copy; ids are given by us in all of them."""


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """`address` as SQLAlchemy takes it."""
    url = make_url(address).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        yield connection


def crowd(connection: Connection, cards: int, tokens: list[str]) -> None:
    """Until there are so many, the first included; ids run from 1. Phones share the push tokens."""
    newest = _one(connection, "SELECT max(id) FROM card")
    with told(f"{cards:,} cards"):
        connection.execute("SET session_replication_role = replica")  # no trigger, no foreign key
        connection.execute("SET statement_timeout = 0")
        connection.execute("UPDATE outbox SET told = wanted")  # nobody waits to hear of anything yet
        for table in TABLES:
            values = {"tokens": tokens, "many": len(tokens), "from": newest + 1, "to": cards}
            connection.execute(_copied(connection, table).encode(), values)
            if table != "card_number" and table != "apple_pass":
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {cards})".encode()
                )
        connection.execute("SET session_replication_role = origin")
    with told("vacuum"):
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _copied(connection: Connection, table: str) -> str:
    query = (
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
    )
    names = [name for (name,) in connection.execute(query, (table,))]
    other = {"id": "{id}"} if "id" in names else {}
    other |= OTHERS[table]
    words = [other.get(name, f"one.{name}").format(id="copy") for name in names]
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(words)} "
        f"FROM (SELECT * FROM {table} LIMIT 1) AS one, "
        "generate_series(%(from)s::bigint, %(to)s::bigint) AS copy"
    )


def _one(connection: Connection, query: str) -> int:
    found = connection.execute(query.encode()).fetchone()
    return int(found[0]) if found else 0
