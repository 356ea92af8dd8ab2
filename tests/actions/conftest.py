"""One database of each kind for a whole file of tests: each opens a shop of its own in the same street."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services import postgres
from tests.shop import Shop, make_shop


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ExitStack() as open_until_the_end:
        address = None
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_url")
            address = open_until_the_end.enter_context(postgres.database(server))
        street = make_shop(tmp_path_factory.mktemp("street"), address)
        open_until_the_end.callback(street.services.sessions.close)
        yield street
