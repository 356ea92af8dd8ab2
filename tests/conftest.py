"""What every test may ask for: databases, a broker, a browser; and no way out of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.services import chromium, guard, ports, postgres, redis
from tests.shop import Shop, make_shop


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    with guard.only_loopback():
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobodys_settings() -> None:
    """Neither settings of the person at the keyboard nor a proxy on the way to our own servers."""
    for name in [
        name for name in os.environ if name.startswith("WALLET_") or name.lower().endswith("_proxy")
    ]:
        del os.environ[name]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of our own; `database_url` makes databases in it."""
    with postgres.cluster() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis.server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, once of each kind; the test runs with both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'wallet.db'}"
    else:
        with postgres.database(request.getfixturevalue("postgres_url")) as address:
            yield address


@pytest.fixture
def large_shop(tmp_path: Path, postgres_url: str) -> Iterator[Shop]:
    """On PostgreSQL, where writers meet: SQLite has one at a time."""
    with postgres.database(postgres_url) as address:
        shop = make_shop(tmp_path, address)
        yield shop
        shop.services.sessions.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has been nowhere yet."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def free_port() -> int:
    return ports.free_port()
