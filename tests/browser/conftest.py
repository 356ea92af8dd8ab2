"""What the tests of the till's page share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.counter import Counter, open_counter
from tests.browser.desk import Desk, desk_at
from tests.services import databases
from tests.web.site import Site, make_site
from tests.web.site_fixtures import certs, opened_before

__all__ = ["certs", "opened_before"]


@pytest.fixture(scope="module")
def shop_site(certs: Path, opened_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of a module: each brings cards of its own."""
    folder = tmp_path_factory.mktemp("desk") / "data"
    databases.copied(opened_before, folder)
    site = make_site(folder, WALLET_CERTS_DIR=str(certs))
    yield site
    site.shop.services.sessions.close()


@pytest.fixture
def desk(browser: Browser, shop_site: Site) -> Iterator[Desk]:
    with desk_at(browser, shop_site) as desk:
        yield desk


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """A till that lives through a lost network; one for all tests of a module."""
    with open_counter(tmp_path_factory.mktemp("counter")) as counter:
        yield counter
