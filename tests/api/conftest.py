"""Tills for the tests of the machine API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.till import Till, make_till
from tests.services import databases


@pytest.fixture
def till(tmp_path: Path, database_url: str) -> Iterator[Till]:
    """In a shop of its own."""
    with make_till(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture(scope="module", params=databases.KINDS)
def busy_till(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """In one shop for all tests of a file, which therefore take a card each."""
    folder = tmp_path_factory.mktemp("busy")
    with databases.database(request.param, folder) as address, make_till(folder, address) as opened:
        yield opened
