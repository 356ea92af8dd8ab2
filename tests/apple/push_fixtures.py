"""Apple's side of the tests: sandbox papers, the APNs simulator, a shop whose worker talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator
from tests.apple.phones import Phones
from tests.shop import Shop, make_shop
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.waking.wallet import AppleWallet
from wallet_service.push.worker import Worker


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    make_sandbox(folder, datetime.now(UTC))
    return folder


@pytest.fixture(scope="session")
def running(certs: Path) -> Iterator[Simulator]:
    papers = certs / "sandbox"
    with simulator(papers, trusted=papers / "root.pem") as running:
        yield running


def simulator(papers: Path, *, trusted: Path) -> Simulator:
    """That shows these papers, and trusts clients of that authority."""
    server = SimpleNamespace(certificate=papers / "server.pem", key=papers / "server.key")
    return Simulator(cast(Authority, SimpleNamespace(file=trusted, server=server)))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from shop_of_today(tmp_path)


def shop_of_today(folder: Path) -> Iterator[Shop]:
    """The simulator knows no other time."""
    shop = make_shop(folder)
    shop.clock.now = datetime.now(UTC)
    yield shop
    shop.services.sessions.close()


@pytest.fixture
def phones(shop: Shop) -> Phones:
    return Phones(shop)


@pytest.fixture
def wallet(shop: Shop, apns: Simulator, certs: Path) -> Iterator[AppleWallet]:
    wallet = wallet_of(shop, apns, certs, root=certs / "sandbox" / "root.pem")
    yield wallet
    wallet.close()


def wallet_of(shop: Shop, apns: Simulator, certs: Path, *, root: Path) -> AppleWallet:
    keyring = Keyring(certs, shop.clock)
    return AppleWallet(shop.services.sessions, keyring, apns_url=apns.url, apns_ca_file=root)


@pytest.fixture
def worker(shop: Shop, wallet: AppleWallet) -> Worker:
    return Worker(shop.services.sessions, wallet, shop.clock)
