"""A shop whose only wallet is a notebook that tests can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.push.notebook import Notebook
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
