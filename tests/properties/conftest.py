"""One shop for all sequences of a file: each plays with a program and cards of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.services import postgres
from tests.shop import Shop, make_shop


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("shop")
    if request.param == "sqlite":
        yield from _open(make_shop(folder))
    else:
        with postgres.database(request.getfixturevalue("postgres_url")) as address:
            yield from _open(make_shop(folder, address))


def _open(shop: Shop) -> Iterator[Shop]:
    """With a mark for each of the wallets there can be, whoever is set up here."""
    yield replace(shop, services=replace(shop.services, wallets=("apple", "google")))
    shop.services.sessions.close()
