"""Who stands at the till in these tests, and what lies before them."""

from __future__ import annotations

import pytest

from tests.web.site import Site
from tests.web.till.offline import OfflineTill, offline_till
from tests.web.till.page import TillPage, till_page


@pytest.fixture
def page(site: Site) -> TillPage:
    """Not a browser's."""
    return till_page(site)


@pytest.fixture
def card(site: Site) -> str:
    return site.shop.join()


@pytest.fixture
def till(site: Site) -> OfflineTill:
    return offline_till(till_page(site))
