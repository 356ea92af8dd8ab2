"""A site that was opened before: copying it is quicker than opening one for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shop import OPENING
from tests.web.site import make_site, open_up
from wallet_service.apple.signing.sandbox_certificates import make_sandbox


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    make_sandbox(folder, OPENING)
    return folder


@pytest.fixture(scope="session")
def opened_before(certs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "data"
    site = make_site(folder, WALLET_CERTS_DIR=str(certs))
    open_up(site)
    site.shop.services.sessions.close()
    return folder
