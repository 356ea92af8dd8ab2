"""One database of each kind for a whole file of tests: each opens a shop of its own in the same street."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services import databases
from tests.shop import Shop, make_shop


@pytest.fixture(scope="module", params=databases.KINDS)
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("street")
    with databases.database(request.param, folder) as address:
        street = make_shop(folder, address)
        yield street
        street.services.sessions.close()
