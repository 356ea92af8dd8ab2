"""What Apple's tests share: certificates made once, and a service on a fresh database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.apple.made_templates import COFFEE, TEMPLATES
from tests.apple.service_fixtures import Service, make_service
from tests.services import databases
from tests.shop import OPENING
from tests.simulators.strict_apns import apns, authority, running
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate

__all__ = ["apns", "authority", "running"]


@pytest.fixture(scope="module")
def coffee() -> PassTemplate:
    return pass_template.load(COFFEE)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """Ours, to be changed."""
    return copytree(TEMPLATES, tmp_path / "templates")


@pytest.fixture(scope="session")
def sandbox_certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox") / "certs"
    make_sandbox(folder, OPENING)
    return folder


@pytest.fixture(scope="session")
def opened_before(sandbox_certs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a service on its first morning; copying it is quicker than migrating."""
    folder = tmp_path_factory.mktemp("morning") / "data"
    make_service(folder, sandbox_certs).shop.services.sessions.close()
    return folder


@pytest.fixture
def open_service(
    sandbox_certs: Path, opened_before: Path, tmp_path: Path
) -> Iterator[Callable[..., Service]]:
    """Makes a service with settings of its own, and closes it."""
    opened = []
    databases.copied(opened_before, tmp_path / "data")

    def opener(**settings: str) -> Service:
        given = {"WALLET_CERTS_DIR": str(sandbox_certs)} | settings
        certs, url = Path(given.pop("WALLET_CERTS_DIR")), given.pop("WALLET_DATABASE_URL", None)
        opened.append(make_service(tmp_path / "data", certs, url, **given))
        return opened[-1]

    yield opener
    for service in opened:
        service.shop.services.sessions.close()


@pytest.fixture
def service(open_service: Callable[..., Service]) -> Service:
    """On SQLite."""
    return open_service()


@pytest.fixture
def on_both(open_service: Callable[..., Service], database_url: str) -> Service:
    """Once on SQLite, once on PostgreSQL."""
    return open_service(WALLET_DATABASE_URL=database_url)
