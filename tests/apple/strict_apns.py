"""The APNs simulator with papers of its own, for tests of our client alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator
from wallet_service.apple.waking.apns_answers import Answer, Verdict

TOPIC = "pass.example.coffee"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def running(authority: Authority) -> Iterator[Simulator]:
    with Simulator(authority) as simulator:
        yield simulator


def verdicts(answers: Iterable[Answer]) -> set[Verdict]:
    return {answer.verdict for answer in answers}
