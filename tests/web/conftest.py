"""What the tests of the pages share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.services import databases
from tests.web.site import Site, make_site
from tests.web.site_fixtures import certs, opened_before

__all__ = ["certs", "opened_before"]

TEXTS = ROOT / "wallet_service/web/translations"


@pytest.fixture(scope="session", autouse=True)
def _texts() -> None:
    """`make test` compiles them; somebody who runs pytest by hand may not have."""
    if all(po.with_suffix(".mo").exists() for po in TEXTS.rglob("*.po")):
        return
    subprocess.run([str(Path(sys.executable).parent / "pybabel"), "-q", "compile", "-d", TEXTS], check=True)


@pytest.fixture
def open_site(certs: Path, opened_before: Path, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A site with settings of its own."""
    databases.copied(opened_before, tmp_path / "data")
    opened: list[Site] = []

    def opener(**settings: str) -> Site:
        opened.append(make_site(tmp_path / "data", **{"WALLET_CERTS_DIR": str(certs)} | settings))
        return opened[-1]

    yield opener
    for site in opened:
        site.shop.services.sessions.close()


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site(WALLET_PHONE_URL="http://localhost:8002")


@pytest.fixture(scope="session")
def standing_site(
    certs: Path, opened_before: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One for all tests that only add a card of their own and look at it."""
    folder = tmp_path_factory.mktemp("standing") / "data"
    databases.copied(opened_before, folder)
    site = make_site(folder, WALLET_CERTS_DIR=str(certs))
    yield site
    site.shop.services.sessions.close()
