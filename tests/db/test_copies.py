"""A copy that nobody took away is taken away by the next one."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.services import databases, postgres
from wallet_service.db.copies.postgres import LEFT_BEHIND, PostgresCopies, fitting, without_password
from wallet_service.domain.errors import Misconfigured


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


def test_an_address_with_odd_signs_is_understood_by_everybody(tmp_path: Path) -> None:
    with postgres.database(databases.server()) as address:
        odd = make_url(address).set(password="a b+c'%", query={"options": "-c search_path=public"})
        copies = PostgresCopies(odd.render_as_string(hide_password=False))
        copies.snapshot(tmp_path / "snapshot")
        with copies.unpacked(tmp_path / "snapshot"):
            assert not copies.others()


@pytest.mark.parametrize("address", ["u:hidden@h:5/shop", "u@/shop?host=a:1&host=b:2&password=hidden"])
def test_no_password_stands_on_a_command_line(address: str) -> None:
    told = without_password(make_url(f"postgresql+psycopg://{address}"))
    assert "hidden" not in told
    assert "dbname=shop" in told


def test_a_role_that_may_not_put_a_copy_in_place_is_told_what_it_lacks() -> None:
    server, role = databases.server(), f"clerk_{uuid4().hex}"
    with postgres.database(server) as address, psycopg.connect(f"{server}/postgres", autocommit=True) as boss:
        boss.execute(f"CREATE ROLE {role} LOGIN CREATEDB")
        try:
            theirs = make_url(address).set(username=role)
            copies = PostgresCopies(theirs.render_as_string(hide_password=False))
            with pytest.raises(Misconfigured, match=f"OWNER TO {role}"):
                copies.put_in_place(address, "20260131T120000Z")
        finally:
            boss.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(("server", "taken"), [(15, 15), (14, 15), (16, 17), (18, 17)])
def test_the_programs_are_those_of_the_servers_release_or_the_next(
    tmp_path: Path, server: int, taken: int
) -> None:
    for release in ("13", "15", "17", "share"):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / "pg_dump").touch()
    assert fitting("pg_dump", server, tmp_path) == str(tmp_path / str(taken) / "bin" / "pg_dump")
