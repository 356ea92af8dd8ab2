"""What stands around the simulators in their tests: a service, somebody's hand, an issuer and its shop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.google_wallet.process import Simulator
from simulators.iphone.bundle import Trust
from simulators.iphone.phone import Phone
from tests.simulators.bundle_maker import make_papers
from tests.simulators.google_issuer import Issuer, Shop, open_shop, rich_class, rich_object
from tests.simulators.hand import Hand
from tests.simulators.strict_apns import apns, authority, running
from tests.simulators.web_service import Service, open_service

__all__ = ["apns", "authority", "running"]


@pytest.fixture
def service() -> Iterator[Service]:
    with open_service(make_papers()) as one:
        yield one


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(Trust(make_papers().write_root(tmp_path), allow_http=True))


@pytest.fixture
def phone(hand: Hand) -> Phone:
    return hand.phone()


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(tmp_path_factory.mktemp("google"), "--join-url", "http://127.0.0.1:1/join/x") as simulator:
        yield simulator


@pytest.fixture
def google(started: Simulator) -> Simulator:
    started.start_over()
    return started


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


@pytest.fixture
def issuer(google: Simulator) -> Issuer:
    return Issuer(google)


@pytest.fixture
def member(issuer: Issuer, shop: Shop) -> Issuer:
    """An issuer that has a class and an object already."""
    assert issuer.ask("POST", "/loyaltyClass", rich_class(shop.url)).status_code == 200
    assert issuer.ask("POST", "/loyaltyObject", rich_object(shop.url)).status_code == 200
    return issuer
