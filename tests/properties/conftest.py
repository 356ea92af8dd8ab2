"""One shop for all sequences of a file: each plays with a program and cards of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.services import databases
from tests.shop import Shop, make_shop


@pytest.fixture(scope="module", params=databases.KINDS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """With a mark for each of the wallets there can be, whoever is set up here."""
    folder = tmp_path_factory.mktemp("shop")
    with databases.database(request.param, folder) as address:
        shop = make_shop(folder, address)
        yield replace(shop, services=replace(shop.services, wallets=("apple", "google")))
        shop.services.sessions.close()
