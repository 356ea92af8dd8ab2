"""Google's side of the tests: the simulated Google, a shop with an account there, and its worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop, make_wallet, make_worker, open_google_shop
from wallet_service.google.wallet import GoogleWallet
from wallet_service.push.worker import Worker


@pytest.fixture(scope="session")
def running_google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(tmp_path_factory.mktemp("google")) as simulator:
        yield simulator


@pytest.fixture
def google(running_google: Simulator) -> Simulator:
    running_google.start_over()
    return running_google


@pytest.fixture
def google_shop(tmp_path: Path, google: Simulator) -> Iterator[GoogleShop]:
    with open_google_shop(tmp_path / "google-shop", google) as shop:
        yield shop


@pytest.fixture
def google_wallet(google_shop: GoogleShop) -> Iterator[GoogleWallet]:
    wallet = make_wallet(google_shop)
    yield wallet
    wallet.close()


@pytest.fixture
def google_worker(google_shop: GoogleShop, google_wallet: GoogleWallet) -> Worker:
    return make_worker(google_shop, google_wallet)
