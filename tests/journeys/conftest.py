"""One running town for all journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.town import Town, running_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as town:
        yield town
