"""What one process changes all others see; what has its hour is done once; limits are everybody's."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from redis import Redis
from sqlalchemy import select

from tests.scale.several import Several, several
from tests.services import databases
from tests.services.ports import LOOPBACK
from tests.shop import DEMO
from tests.town import soon
from wallet_service.actions.api_keys import revoke_api_key
from wallet_service.db.tables import JobTurn

BROKER, NO_SUCH_CARD = 7, 400


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    folder = tmp_path_factory.mktemp("several")
    with (
        databases.empty_database(databases.POSTGRESQL, folder) as address,
        several(folder, address, f"{databases.broker()}/{BROKER}") as opened,
    ):
        yield opened


def test_S24_a_revoked_key_is_refused_at_the_next_request_of_every_process(house: Several) -> None:
    key = house.new_key("till-9")
    assert [house.asks(web, key).status_code for web in house.webs * 2] == [NO_SUCH_CARD] * 4
    with house.shop.services.sessions.begin() as session:
        revoke_api_key(session, name="till-9", now=house.shop.clock())
    assert [house.asks(web, key).status_code for web in house.webs * 2] == [401] * 4


def test_a_program_published_by_one_is_in_force_at_all_others(house: Several, tmp_path: Path) -> None:
    new = tmp_path / "coffee.json"
    assert not any("Bean Brew" in poster(web) for web in house.webs * 2)
    new.write_text(json.dumps(DEMO | {"organization": "Bean Brew"}))
    house.command("program", "publish", "coffee", str(new))
    assert all("Bean Brew" in poster(web) for web in house.webs * 2)


def test_S18_a_hundred_phones_that_never_end_their_sentence_hold_up_nobody(house: Several) -> None:
    web, begun = house.webs[0], b"POST /apple/v1/log HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
    with ExitStack() as talking:
        for _ in range(100):
            address = (LOOPBACK, int(web.rpartition(":")[2]))
            talking.enter_context(socket.create_connection(address)).sendall(begun)
        log = requests.post(f"{web}/apple/v1/log", json={"logs": ["as always"]}, timeout=10)
        assert (log.status_code, house.asks(web, house.new_key("till-8")).status_code) == (200, NO_SUCH_CARD)


def test_requests_are_counted_by_all_processes_together(house: Several) -> None:
    key = house.new_key("till-7")
    left = [int(house.asks(web, key).headers["RateLimit-Remaining"]) for web in house.webs * 2]
    assert left == [5999, 5998, 5997, 5996]


def test_a_wake_up_is_taken_by_a_worker_and_jobs_that_have_their_hour_are_done_by_one(house: Several) -> None:
    with Redis.from_url(house.env["WALLET_QUEUE_URL"]) as broker:
        soon(lambda: dict(broker.pubsub_numsub("wallet.woken"))[b"wallet.woken"] == 2)
    soon(lambda: "sweep_ledger" in turns(house))


def poster(web: str) -> str:
    return requests.get(f"{web}/join/coffee", timeout=10).text


def turns(house: Several) -> list[str]:
    with house.shop.services.sessions.read() as session:
        return list(session.scalars(select(JobTurn.name)))
