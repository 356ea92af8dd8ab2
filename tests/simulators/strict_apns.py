"""The APNs simulator with papers of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def running(authority: Authority) -> Iterator[Simulator]:
    with Simulator(authority) as simulator:
        yield simulator


@pytest.fixture
def apns(running: Simulator) -> Simulator:
    running.start_over()
    return running
