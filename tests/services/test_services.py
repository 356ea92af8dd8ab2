"""The servers that tests lean on really stand, and the tests cannot leave this machine."""

from __future__ import annotations

import socket
import urllib.request

import pytest
from playwright.sync_api import Error, Page
from sqlalchemy import create_engine, text

from tests.services.guard import OutsideWorld
from tests.services.programs import Missing, find


def test_each_database_is_fresh_and_takes_writes(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE seen (id INTEGER)"))
        connection.execute(text("INSERT INTO seen VALUES (1)"))
        assert connection.execute(text("SELECT count(*) FROM seen")).scalar() == 1
    engine.dispose()


def test_redis_keeps_a_value(redis_url: str) -> None:
    host, port = redis_url.removeprefix("redis://").removesuffix("/0").split(":")
    with socket.create_connection((host, int(port)), timeout=2) as line:
        line.sendall(b"SET card 7\r\nGET card\r\n")
        answer = line.makefile("rb")
        assert [answer.readline() for _ in range(3)] == [b"+OK\r\n", b"$1\r\n", b"7\r\n"]


def test_the_browser_draws_a_page(page: Page) -> None:
    page.set_content("<title>Card</title>")
    assert page.title() == "Card"


def test_the_browser_cannot_leave_this_machine(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")


def test_a_connection_to_another_machine_is_an_error() -> None:
    with socket.socket() as line, pytest.raises(OutsideWorld, match=r"192\.0\.2\.1"):
        line.connect(("192.0.2.1", 443))
    with pytest.raises(OutsideWorld):
        urllib.request.urlopen("http://192.0.2.1/", timeout=1)


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(Missing, match="apt-get install no-such-package"):
        find("no-such-program", "no-such-package")
