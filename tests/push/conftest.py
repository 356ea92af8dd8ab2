"""A shop whose only wallet is a notebook that tests can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.push.hearing import Hearing, drain_of
from tests.push.notebook import Notebook
from tests.services.receiver import Receiver
from tests.shop import Shop, make_shop
from wallet_service.push.worker import Worker


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = make_shop(tmp_path, database_url)
    yield shop
    shop.services.sessions.close()


@pytest.fixture
def notebook(shop: Shop) -> Notebook:
    return Notebook(shop.services.sessions)


@pytest.fixture
def worker(shop: Shop, notebook: Notebook) -> Worker:
    return Worker(shop.services.sessions, notebook, shop.clock)


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


@pytest.fixture
def name() -> str:
    """One address of the receiver for each test."""
    return f"crm-{uuid4().hex[:8]}"


@pytest.fixture
def hearing(tmp_path: Path, receiver: Receiver) -> Iterator[Hearing]:
    """On SQLite; `hearing_of` is of both databases."""
    shop = make_shop(tmp_path)
    drain = drain_of(shop)
    yield Hearing(shop, receiver, drain)
    drain.close()
    shop.services.sessions.close()


@pytest.fixture
def hearing_of(shop: Shop, receiver: Receiver) -> Iterator[Hearing]:
    drain = drain_of(shop)
    yield Hearing(shop, receiver, drain)
    drain.close()
