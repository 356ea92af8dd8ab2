"""What every test may ask for: databases, a broker, a browser; and no way out of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, Page

from tests.services import chromium, databases, guard, ports
from tests.services.memory import in_memory
from tests.services.standstill import Standstill
from tests.shop import Shop, make_shop

AGAIN = 2
_standstill = Standstill()


def pytest_configure() -> None:
    """SQLite waits for the disk after each booking; what lies in memory is written at once. No property has
    to hold within a time: the machine may be busy.
    """
    hypothesis.settings.register_profile("unhurried", deadline=None)
    hypothesis.settings.load_profile("unhurried")
    if in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory()))


def pytest_runtest_logstart() -> None:
    _standstill.begin()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Nothing runs twice on PostgreSQL: a pass of its own may have had a whole room there. What fails while
    the machine stands still, and nothing else, is tried again.
    """
    for item in items:
        item.add_marker(pytest.mark.flaky(reruns=AGAIN, condition=_standstill.felt))
    had = [config.rootpath / room for room in os.environ.get("TESTED_ON_POSTGRESQL", "").split()]
    again = [item for item in items if _is_on_postgresql(item) and any(map(item.path.is_relative_to, had))]
    config.hook.pytest_deselected(items=again)
    items[:] = [item for item in items if item not in again]


def _is_on_postgresql(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and databases.POSTGRESQL in _params(item)


def _params(item: pytest.Function) -> list[object]:
    return list(item.callspec.params.values()) if hasattr(item, "callspec") else []


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


@pytest.fixture(scope="session", autouse=True)
def _servers() -> Iterator[None]:
    """Those that somebody asked for end with the run."""
    yield
    databases.stop()


@pytest.fixture(autouse=databases.LARGE)
def _forgotten(tmp_path: Path) -> Iterator[None]:
    """What a test opened in its folder does not outlive it."""
    yield
    databases.forget(tmp_path)


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server of our own; `database_url` makes databases in it."""
    return databases.server()


@pytest.fixture(scope="session")
def redis_url() -> str:
    return f"{databases.broker()}/0"


@pytest.fixture(params=databases.KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing has happened yet, once of each kind; the test runs with both."""
    with databases.database(request.param, tmp_path) as address:
        yield address


@pytest.fixture(params=databases.KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Without a table."""
    with databases.empty_database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def large_shop(tmp_path: Path) -> Iterator[Shop]:
    """On PostgreSQL, where writers meet: SQLite has one at a time."""
    with databases.database(databases.POSTGRESQL, tmp_path) as address:
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
