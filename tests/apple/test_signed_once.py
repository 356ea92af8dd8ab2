"""A version is signed once, however many ask, and no stranger costs a signature."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import requests

from tests.apple.service_fixtures import PASS_TYPE, Service
from wallet_service.apple.service import versions
from wallet_service.apple.service.desk import EXTENSION, AppleDesk
from wallet_service.apple.service.finished_passes import FinishedPasses
from wallet_service.apple.signing.signer import Keyring, Signer
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.domain.errors import Unavailable


class CountingDesk(SigningDesk):
    """Counts signatures, and makes each of them slow."""

    signatures = 0

    def signer(self, pass_type: str, serial: str = "") -> Signer:
        return CountingSigner(super().signer(pass_type, serial), self)


class CountingSigner:
    def __init__(self, signer: Signer, desk: CountingDesk) -> None:
        self.pass_type, self.team = signer.pass_type, signer.team
        self._signer, self._desk = signer, desk

    def sign(self, manifest: bytes) -> bytes:
        self._desk.signatures += 1
        Event().wait(0.2)
        return self._signer.sign(manifest)


@pytest.fixture
def signing(service: Service) -> CountingDesk:
    counting = CountingDesk(Keyring(service.certs, service.clock))
    service.app.extensions[EXTENSION] = AppleDesk.open(service.shop.services, counting)
    return counting


def test_S20_one_signature_a_version_however_many_ask_at_once(
    service: Service, signing: CountingDesk
) -> None:
    card, phone = service.shop.join(), service.phone()

    def fetch(address: str) -> tuple[int, bytes]:
        path = f"{address}/apple/v1/passes/{PASS_TYPE}/{card}"
        answer = requests.get(path, headers=phone.token(card), timeout=30)
        return answer.status_code, answer.content

    with service.served() as address, ThreadPoolExecutor(8) as threads:
        for version in (1, 2):
            answers = set(threads.map(fetch, [address] * 24))
            assert [status for status, _ in answers] == [200]
            assert signing.signatures == version
            service.change(card)


def test_S20_strangers_and_unchanged_cards_cost_no_signature(service: Service, signing: CountingDesk) -> None:
    card, phone = service.shop.join(), service.phone()
    stamp = f"{versions.current(service.desk, card).modified_at:%a, %d %b %Y %H:%M:%S GMT}"
    for _ in range(20):
        assert phone.fetch(card, headers={"Authorization": "ApplePass x"}).status_code == 401
        assert phone.fetch(card, since=stamp).status_code == 304
    assert signing.signatures == 0


def test_S20_more_at_once_than_can_be_signed_is_503(service: Service) -> None:
    desk = SigningDesk(Keyring(service.certs, service.clock), at_once=1, patience=0.05)
    signer = desk.signer(PASS_TYPE)
    release, busy = Event(), Event()

    class Slow:
        pass_type, team = signer.pass_type, signer.team

        def sign(self, manifest: bytes) -> bytes:
            busy.set()
            release.wait(10)
            return b""

    slow = desk.bounded(Slow())
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(slow.sign, b"one")
        assert busy.wait(10)
        with pytest.raises(Unavailable):
            slow.sign(b"two")
        release.set()
        assert waiting.result(10) == b""


def test_S20_finished_passes_stay_within_their_bytes() -> None:
    kept, made = FinishedPasses(100), []

    def make(name: str) -> bytes:
        made.append(name)
        return b"x" * 40

    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, lambda name=name: make(name))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"], "b was wanted least recently when c came"


def test_S20_a_failure_is_not_kept() -> None:
    kept = FinishedPasses(100)

    def fail() -> bytes:
        raise Unavailable("The token is unplugged.")

    for _ in range(2):
        with pytest.raises(Unavailable):
            kept.get("a", fail)
    assert kept.get("a", lambda: b"whole") == b"whole"
