"""The signature under a manifest, as OpenSSL sees it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from tests.services.apple_portal import open_portal
from wallet_service.apple.signing.certificate_files import read_key
from wallet_service.apple.signing.certificate_import import import_files, request
from wallet_service.apple.signing.certificates import Credentials, load
from wallet_service.apple.signing.sandbox_certificates import COFFEE, make_sandbox
from wallet_service.apple.signing.signer import BoundedSigner, FileSigner, Keyring, file_signer
from wallet_service.domain.errors import Misconfigured, Unavailable

START = datetime.now(UTC).replace(microsecond=0)
ONE_LINE = b'{"pass.json":"b7"}'
TWO_LINES = b'{\n"pass.json": "b7"\n}\n'


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class TokenKey(rsa.RSAPrivateKey):
    """A key that never leaves its token: nothing but signing and the public half."""

    def __init__(self, inside: rsa.RSAPrivateKey, *, broken: bool = False) -> None:
        self._inside, self.asked, self.broken = inside, 0, broken

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:
        self.asked += 1
        if self.broken:
            raise OSError("CKR_DEVICE_REMOVED slot 0 pin 1234")
        return self._inside.sign(data, padding, algorithm)

    def public_key(self) -> rsa.RSAPublicKey:
        return self._inside.public_key()

    @property
    def key_size(self) -> int:
        return self._inside.key_size

    def decrypt(self, ciphertext: Any, padding: Any) -> bytes:
        raise NotImplementedError

    def private_numbers(self) -> rsa.RSAPrivateNumbers:
        raise NotImplementedError

    def private_bytes(self, *args: Any, **kwargs: Any) -> bytes:
        raise NotImplementedError

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, memo: Any) -> TokenKey:
        return self


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    make_sandbox(folder, START)
    return folder


@pytest.fixture(scope="module")
def held(certs: Path) -> Credentials:
    return load(certs, START)[COFFEE]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(held: Credentials, clock: Clock) -> FileSigner:
    return file_signer(held, clock)


def openssl_verifies(signature: bytes, manifest: bytes, root: Path, folder: Path) -> bool:
    (folder / "signature").write_bytes(signature)
    (folder / "manifest.json").write_bytes(manifest)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
    command += ["-content", "manifest.json", "-CAfile", str(root), "-out", "verified"]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def openssl_prints(signature: bytes) -> str:
    command = ["openssl", "cms", "-cmsout", "-print", "-inform", "DER"]
    return subprocess.run(command, input=signature, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("manifest", [ONE_LINE, TWO_LINES], ids=["one line", "two lines"])
def test_B8_openssl_verifies_whatever_the_line_ends(
    signer: FileSigner, certs: Path, tmp_path: Path, manifest: bytes
) -> None:
    root = certs / "sandbox" / "root.pem"
    signature = signer.sign(manifest)
    assert openssl_verifies(signature, manifest, root, tmp_path)
    assert not openssl_verifies(signature, manifest.replace(b"b7", b"b8"), root, tmp_path)
    assert not openssl_verifies(signature, manifest.replace(b"\n", b"\r\n") + b" ", root, tmp_path)


def test_B4_the_signature_is_detached(signer: FileSigner) -> None:
    signature = signer.sign(ONE_LINE)
    assert ONE_LINE not in signature
    assert "eContent: <ABSENT>" in openssl_prints(signature)


def test_B5_content_type_digest_and_signing_time_are_signed(signer: FileSigner) -> None:
    printed = openssl_prints(signer.sign(ONE_LINE))
    signed = printed[printed.index("signedAttrs:") : printed.index("unsignedAttrs:")]
    for attribute in ("contentType (1.2.840.113549.1.9.3)", "messageDigest", "(1.2.840.113549.1.9.5)"):
        assert attribute in signed


def test_B6_leaf_and_the_intermediate_that_issued_it_come_along(
    signer: FileSigner, held: Credentials
) -> None:
    inside = load_der_pkcs7_certificates(signer.sign(ONE_LINE))
    assert set(inside) == {held.certificate, held.intermediate}
    held.certificate.verify_directly_issued_by(held.intermediate)


def test_B7_the_digest_is_sha256_with_rsa(signer: FileSigner) -> None:
    printed = openssl_prints(signer.sign(ONE_LINE))
    signer_info = printed[printed.index("signerInfos:") :]
    assert "sha256" in signer_info
    assert "algorithm: rsaEncryption" in signer_info
    assert "sha1 " not in printed


def test_B9_the_signer_says_what_its_certificate_says(signer: FileSigner) -> None:
    assert (signer.pass_type, signer.team) == (COFFEE, "SANDBOX001")


def test_B10_a_signer_takes_no_foreign_key_and_no_foreign_intermediate(
    held: Credentials, certs: Path, clock: Clock
) -> None:
    foreign_key = read_key(certs / "sandbox" / "wwdr.key")
    with pytest.raises(Misconfigured, match="does not belong to"):
        FileSigner(held.certificate, foreign_key, held.intermediate, clock)
    root = x509.load_pem_x509_certificate((certs / "sandbox" / "root.pem").read_bytes())
    with pytest.raises(Misconfigured, match="is missing: wanted"):
        FileSigner(held.certificate, held.key, root, clock)


def test_B11_after_its_last_second_nothing_is_signed(
    signer: FileSigner, held: Credentials, clock: Clock
) -> None:
    clock.now = held.certificate.not_valid_after_utc
    assert signer.sign(ONE_LINE)
    clock.now += timedelta(seconds=1)
    with pytest.raises(Unavailable, match=r"valid from .* to .* renew it") as refused:
        signer.sign(ONE_LINE)
    assert refused.value.retry_after > 0


def test_S1_a_key_behind_a_token_signs_too(
    held: Credentials, clock: Clock, certs: Path, tmp_path: Path
) -> None:
    token = TokenKey(held.key)
    signature = FileSigner(held.certificate, token, held.intermediate, clock).sign(TWO_LINES)
    assert token.asked == 1
    assert openssl_verifies(signature, TWO_LINES, certs / "sandbox" / "root.pem", tmp_path)


def test_B17_a_token_that_fails_is_unavailable_and_tells_no_secrets(held: Credentials, clock: Clock) -> None:
    broken = TokenKey(held.key, broken=True)
    with pytest.raises(Unavailable) as refused:
        FileSigner(held.certificate, broken, held.intermediate, clock).sign(ONE_LINE)
    assert "1234" not in refused.value.detail
    assert refused.value.retry_after > 0


class SlowSigner:
    pass_type, team = COFFEE, "SANDBOX001"

    def __init__(self) -> None:
        self.begun, self.may_go_on = Barrier(2), Event()

    def sign(self, manifest: bytes) -> bytes:
        self.begun.wait(5)
        self.may_go_on.wait(5)
        return manifest


def test_S20_more_signatures_than_places_are_asked_to_come_back() -> None:
    slow = SlowSigner()
    bounded = BoundedSigner(slow, at_once=1, patience=0.01)
    first = Thread(target=bounded.sign, args=(ONE_LINE,))
    first.start()
    slow.begun.wait(5)
    with pytest.raises(Unavailable) as refused:
        bounded.sign(ONE_LINE)
    assert refused.value.retry_after > 0
    slow.may_go_on.set()
    first.join(5)
    slow.begun.reset()
    second = Thread(target=bounded.sign, args=(ONE_LINE,))
    second.start()
    slow.begun.wait(5)  # the place is free again
    second.join(5)


def test_the_keyring_reads_a_key_once(certs: Path, clock: Clock) -> None:
    keyring = Keyring(certs, clock)
    first = keyring.signer(COFFEE)
    clock.now += timedelta(hours=1)
    assert keyring.signer(COFFEE) is first
    assert keyring.pass_types() == [COFFEE]


def test_F13_a_renewed_certificate_takes_over_without_a_restart(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> None:
    shop = "pass.test.shop"
    portal = open_portal(tmp_path_factory.mktemp("portal"), START)
    answer = portal.answer(request(tmp_path, name="first"), START, days=10)
    import_files(tmp_path, [portal.wwdr_file, answer], START)
    keyring = Keyring(tmp_path, clock)
    assert keyring.signer(shop).sign(ONE_LINE)

    clock.now += timedelta(days=11)
    with pytest.raises(Misconfigured, match="expired on") as refused:
        keyring.signer(shop)
    assert (refused.value.status, refused.value.retry_after > 0) == (503, True)

    import_files(tmp_path, [portal.answer(request(tmp_path, name="second"), clock.now)], clock.now)
    clock.now += timedelta(seconds=Keyring.LOOK_EVERY_SECONDS)
    assert keyring.signer(shop).sign(ONE_LINE)
    assert keyring.credentials(shop).expires_at > clock.now


def test_F13_a_pass_type_without_certificate_does_not_stop_the_others(certs: Path, clock: Clock) -> None:
    keyring = Keyring(certs, clock)
    with pytest.raises(Misconfigured, match=r"no certificate for pass\.no\.such"):
        keyring.signer("pass.no.such")
    assert keyring.signer(COFFEE).sign(ONE_LINE)


def test_a_signature_is_der(signer: FileSigner, held: Credentials) -> None:
    assert held.certificate.public_bytes(Encoding.DER) in signer.sign(ONE_LINE)
