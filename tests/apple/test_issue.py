"""A served pass is whole and signed, and its card's own."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from simulators.iphone.bundle import Trust, open_bundle
from tests.apple.service_fixtures import PASS_TYPE, Service, pass_json
from tests.shop import OPENING
from wallet_service.apple.service.desk import EXTENSION, AppleDesk
from wallet_service.apple.service.finished_passes import FinishedPasses
from wallet_service.apple.signing.signer import Keyring, Signer
from wallet_service.apple.signing.signing_desk import SigningDesk


def test_B4_openssl_accepts_what_is_served(service: Service, tmp_path: Path) -> None:
    with ZipFile(BytesIO(service.phone().fetch(service.shop.join()).data)) as bundle:
        bundle.extractall(tmp_path / "pass")
    root = service.certs / "sandbox" / "root.pem"
    checked = subprocess.run(
        [
            *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"),
            *("-content", "manifest.json", "-CAfile", str(root), "-purpose", "any", "-out", "checked"),
            *("-attime", str(int(OPENING.timestamp()))),
        ],
        cwd=tmp_path / "pass",
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_P3_P4_P5_a_strict_phone_takes_it_and_finds_its_way_back(service: Service) -> None:
    card = service.shop.join()
    answer = service.phone().fetch(card)
    trust = Trust(service.certs / "sandbox" / "root.pem", allow_http=True)
    content = open_bundle(answer.data, trust, OPENING).content
    assert content["serialNumber"] == card
    assert content["passTypeIdentifier"] == PASS_TYPE
    assert content["webServiceURL"] == "http://localhost:8000/apple"
    token = content["authenticationToken"]
    service.change(card)
    assert pass_json(service.phone().fetch(card))["authenticationToken"] == token
    assert service.phone().fetch(card, headers={"Authorization": f"ApplePass {token}"}).status_code == 200


def test_B13_a_download_is_called_and_measured_as_a_pass(service: Service) -> None:
    card = service.shop.join()
    answers = [service.downloaded(card), service.phone().fetch(card)]
    assert [answer.status_code for answer in answers] == [200, 200]
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answers[0].headers["Content-Disposition"] == 'attachment; filename="coffee.pkpass"'


def test_B15_the_same_state_is_the_same_manifest(service: Service) -> None:
    card = service.shop.join()
    manifests = set()
    for _ in range(2):
        service.app.extensions[EXTENSION] = replace(service.desk, finished=FinishedPasses(1))
        service.clock.forward(hours=1)
        with ZipFile(BytesIO(service.phone().fetch(card).data)) as bundle:
            manifests.add(bundle.read("manifest.json"))
    assert len(manifests) == 1


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_S14_a_forged_host_never_gets_into_a_pass(service: Service, header: str) -> None:
    card, phone = service.shop.join(), service.phone()
    forged = {"Forwarded": "host=evil.example"}.get(header, "evil.example")
    answer = phone.fetch(card, headers=phone.token(card) | {header: forged})
    assert answer.status_code == 200 or header == "Host"
    assert b"evil.example" not in answer.data
    if answer.status_code == 200:
        assert pass_json(answer)["webServiceURL"] == "http://localhost:8000/apple"


def test_pitfall_25_a_signature_that_does_not_fit_is_never_served(service: Service) -> None:
    class Rubbish(SigningDesk):
        def plain(self, pass_type: str, serial: str = "") -> Signer:
            return RubbishSigner(super().plain(pass_type))

    class RubbishSigner:
        def __init__(self, signer: Signer) -> None:
            self.pass_type, self.team, self._signer = signer.pass_type, signer.team, signer

        def sign(self, manifest: bytes) -> bytes:
            return self._signer.sign(manifest + b"\r\n")

    service.app.extensions[EXTENSION] = AppleDesk.open(
        service.shop.services, Rubbish(Keyring(service.certs, service.clock))
    )
    answer = service.phone().fetch(service.shop.join())
    assert (answer.status_code, answer.data) == (503, b"")


@pytest.mark.parametrize(
    "name", ["\u202egnp.exe", "a" * 10_000, "e" + "\u0301" * 1000, "x\0y", '"\\\n;', "👩‍👩‍👧‍👦", "<b>&amp;"]
)
def test_S28_whatever_members_are_called_their_pass_is_whole(service: Service, name: str) -> None:
    card = service.shop.join(name=name)
    answer = service.phone().fetch(card)
    assert answer.status_code == 200
    open_bundle(answer.data, Trust(service.certs / "sandbox" / "root.pem", allow_http=True), OPENING)
