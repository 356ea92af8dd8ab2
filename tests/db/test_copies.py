"""A copy that nobody took away is taken away by the next one."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

from tests.services import databases, postgres
from wallet_service.db.copies.postgres import LEFT_BEHIND, PostgresCopies


def test_a_copy_that_a_killed_backup_left_on_the_server_goes(tmp_path: Path) -> None:
    server = databases.server()
    then = int(time.time() - LEFT_BEHIND - 60)
    old, young = f"shop_copy_{then:08x}_0badcafe", f"shop_copy_{then + 120:08x}_0badcafe"
    with postgres.database(server) as address:
        for name in (old, young):
            postgres.create(server, name)
        copies = PostgresCopies(address)
        copies.snapshot(tmp_path / "snapshot")
        named = PostgresCopies(f"{address.rsplit('/', 1)[0]}/shop")
        with named.unpacked(tmp_path / "snapshot"), psycopg.connect(f"{server}/postgres") as connection:
            there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        postgres.drop(server, young)
    assert old not in there
    assert young in there
    assert sum(name.startswith("shop_copy_") for name in there) == 2
