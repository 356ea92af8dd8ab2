"""Certificates on disk: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.services.apple_portal import Portal, open_portal
from wallet_service.apple.signing import certificate_files
from wallet_service.apple.signing.certificate_import import import_files, request
from wallet_service.apple.signing.certificate_status import status
from wallet_service.apple.signing.certificates import Credentials, has_issued, load, load_pass_type
from wallet_service.apple.signing.sandbox_certificates import COFFEE, make_sandbox
from wallet_service.domain.errors import Misconfigured

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = "pass.test.shop"


@pytest.fixture(scope="module")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    make_sandbox(folder, NOW)
    return folder


@pytest.fixture
def certs(ready_made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(ready_made, tmp_path / "certs")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    return open_portal(tmp_path_factory.mktemp("portal"), NOW)


def coffee(certs: Path, now: datetime = NOW) -> Credentials:
    return load(certs, now)[COFFEE]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def key_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.key"))


def test_the_sandbox_is_made_once_and_then_left_alone(certs: Path) -> None:
    before = contents(certs)
    make_sandbox(certs, NOW + timedelta(days=100))
    assert contents(certs) == before


def test_the_sandbox_renews_what_has_expired(certs: Path) -> None:
    later = NOW + timedelta(days=400)
    make_sandbox(certs, later)
    assert coffee(certs, later).expires_at > later
    assert len(certificate_files.certificate_files(certs, COFFEE)) == 1


def test_the_sandbox_is_known_as_such(certs: Path) -> None:
    assert coffee(certs).is_sandbox
    assert coffee(certs).organization == "Sandbox Coffee"


def test_the_sandbox_never_touches_a_real_certificate(tmp_path: Path, portal: Portal) -> None:
    key = certificate_files.read_key(request(tmp_path, name="x").with_suffix(".key"))
    real = portal.issue(key.public_key(), NOW, uid=COFFEE)
    pretend_apple = real.public_bytes(Encoding.DER).replace(b"Sandbox, not Apple", b"Somebody else Inc.")
    certificate = x509.load_der_x509_certificate(pretend_apple)
    path = certificate_files.store(tmp_path, COFFEE, [certificate], key)
    with pytest.raises(Misconfigured, match="is a real certificate"):
        make_sandbox(tmp_path, NOW)
    assert path.exists()


def test_openssl_accepts_the_chain_and_the_server_certificate(certs: Path) -> None:
    sandbox = certs / "sandbox"
    at = str(int(NOW.timestamp()))
    common = ["openssl", "verify", "-x509_strict", "-attime", at, "-CAfile", str(sandbox / "root.pem")]
    leaf = coffee(certs).certificate_file
    ran = subprocess.run(
        [*common, "-untrusted", str(sandbox / "wwdr.pem"), str(leaf)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    server = ["-purpose", "sslserver", "-verify_ip", "127.0.0.1", str(sandbox / "server.pem")]
    assert subprocess.run([*common, *server], capture_output=True).returncode == 0


def test_keys_are_for_their_owner_alone(certs: Path) -> None:
    assert len(key_files(certs)) == 4
    for path in key_files(certs):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_S1_a_key_that_others_can_read_is_refused(certs: Path) -> None:
    key = coffee(certs).key_file
    key.chmod(0o640)
    with pytest.raises(Misconfigured, match=r"mode 0640\): run chmod 600"):
        load(certs, NOW)


def test_S1_no_key_shows_in_what_python_prints(certs: Path) -> None:
    assert "PrivateKey" not in repr(coffee(certs))


def test_B9_pass_type_and_team_are_read_from_the_certificate(certs: Path) -> None:
    assert (coffee(certs).pass_type, coffee(certs).team) == (COFFEE, "SANDBOX001")


def test_B9_a_certificate_in_the_folder_of_another_pass_type_is_refused(certs: Path) -> None:
    (certs / COFFEE).rename(certs / "pass.sandbox.tea")
    with pytest.raises(Misconfigured, match=r"folder of pass\.sandbox\.tea .* for pass\.sandbox\.coffee"):
        load(certs, NOW)


def test_B10_the_key_must_belong_to_the_certificate(certs: Path) -> None:
    held = coffee(certs)
    shutil.copy(certs / "sandbox" / "root.key", held.key_file)
    with pytest.raises(Misconfigured, match=r"has key [0-9a-f]{16}, the key file [0-9a-f]{16}"):
        load(certs, NOW)


def test_B10_a_missing_key_is_named(certs: Path) -> None:
    key = coffee(certs).key_file
    key.unlink()
    with pytest.raises(Misconfigured, match=f"{key.name} is missing"):
        load(certs, NOW)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW + timedelta(days=366), r"expired on 2027-11-21 12:00 UTC and it is 2027-11-22"),
        (NOW - timedelta(days=2), r"valid only from 2026-11-21 11:00 UTC and it is 2026-11-19"),
    ],
)
def test_B10_the_certificate_must_be_valid_now(certs: Path, now: datetime, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        load(certs, now)


def test_B10_the_intermediate_is_chosen_by_key_and_not_by_name(
    certs: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The other sandbox's intermediate has the very same name (B6)."""
    other = tmp_path_factory.mktemp("other")
    make_sandbox(other, NOW + timedelta(days=5))
    for path in (other / "wwdr").glob("*.pem"):
        shutil.copy(path, certs / "wwdr")
    assert len(certificate_files.intermediates(certs)) == 2
    held = coffee(certs)
    held.certificate.verify_directly_issued_by(held.intermediate)

    shutil.rmtree(certs / "wwdr")
    shutil.copytree(other / "wwdr", certs / "wwdr")
    with pytest.raises(
        Misconfigured, match=r"is missing: wanted .* have .* G4 \([0-9a-f]{16}\); download it"
    ):
        load(certs, NOW)


def test_B6_an_intermediate_with_another_key_identifier_is_not_the_issuer(
    tmp_path: Path, portal: Portal
) -> None:
    """Right name, right key: but a verifier that goes by key identifiers would not follow."""
    leaf = portal.issue(
        certificate_files.read_key(request(tmp_path, name="x").with_suffix(".key")).public_key(), NOW
    )
    renamed = x509.load_der_x509_certificate(
        portal.wwdr.public_bytes(Encoding.DER).replace(
            bytes.fromhex(certificate_files.key_id(portal.wwdr)), bytes(20)
        )
    )
    leaf.verify_directly_issued_by(renamed)
    assert has_issued(portal.wwdr, leaf)
    assert not has_issued(renamed, leaf)


def test_B10_an_expired_intermediate_is_refused(tmp_path: Path, portal: Portal) -> None:
    answer = portal.answer(request(tmp_path, name="x"), NOW, days=5000)
    import_files(tmp_path, [portal.wwdr_file, answer], NOW)
    assert load(tmp_path, NOW)[SHOP].expires_at == portal.wwdr.not_valid_after_utc
    with pytest.raises(Misconfigured, match=r"The intermediate Sandbox Worldwide .* expired on 2036"):
        load(tmp_path, NOW + timedelta(days=4000))


def test_two_pass_types_lie_side_by_side(certs: Path) -> None:
    make_sandbox(certs, NOW, "pass.sandbox.tea")
    assert sorted(load(certs, NOW)) == [COFFEE, "pass.sandbox.tea"]


def test_of_two_certificates_that_overlap_the_longer_lasting_signs(tmp_path: Path, portal: Portal) -> None:
    first = import_files(tmp_path, [portal.wwdr_file, portal.answer(request(tmp_path, name="1"), NOW)], NOW)
    later = NOW + timedelta(days=300)
    answer = portal.answer(request(tmp_path, name="2"), later)
    renewed = import_files(tmp_path, [answer], later, at_once=True)
    assert len(certificate_files.certificate_files(tmp_path, SHOP)) == 2
    assert load(tmp_path, NOW)[SHOP].certificate_file == first[-1].path
    assert load(tmp_path, later)[SHOP].certificate_file == renewed[-1].path


def test_an_encrypted_key_opens_with_its_passphrase_only(certs: Path) -> None:
    held = coffee(certs)
    locked = held.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"correct horse")
    )
    certificate_files.write_private(held.key_file, locked)
    assert load(certs, NOW, b"correct horse")[COFFEE].team == held.team
    with pytest.raises(Misconfigured, match="is encrypted: give WALLET_KEY_PASSPHRASE"):
        load(certs, NOW)
    with pytest.raises(Misconfigured, match="does not open with WALLET_KEY_PASSPHRASE") as refused:
        load(certs, NOW, b"battery staple")
    assert "battery" not in refused.value.detail


@pytest.mark.parametrize("suffix", [".pem", ".key"])
def test_a_damaged_file_is_named(certs: Path, suffix: str) -> None:
    path = coffee(certs).certificate_file.with_suffix(suffix)
    path.write_bytes(b"\x00garbage")
    with pytest.raises(Misconfigured, match=path.name):
        load(certs, NOW)


def test_a_pass_type_without_certificate_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="run flask wallet certs csr"):
        load_pass_type(tmp_path, SHOP, NOW)


def test_keys_we_keep_are_locked_with_the_passphrase(tmp_path: Path) -> None:
    pem = request(tmp_path, name="x", passphrase=b"correct horse").with_suffix(".key").read_bytes()
    assert b"ENCRYPTED" in pem
    load_pem_private_key(pem, b"correct horse")


@pytest.mark.parametrize(
    ("days_later", "level"),
    [
        (0, "good"),
        (300, "good"),
        (306, "plan"),
        (340, "soon"),
        (359, "urgent"),
        (364.9, "urgent"),
        (366, "fault"),
    ],
)
def test_status_warns_at_sixty_thirty_and_seven_days(certs: Path, days_later: float, level: str) -> None:
    assert status(certs, NOW + timedelta(days=days_later))[0].level == level


def test_status_counts_the_intermediate_too(certs: Path) -> None:
    leaf, intermediate = status(certs, NOW)
    assert (leaf.days_left, leaf.sandbox) == (365, True)
    assert intermediate.days_left > 3000
    assert "G4" in intermediate.certificate


def test_status_knows_the_sandbox_even_when_it_has_expired(certs: Path) -> None:
    (expired,) = status(certs, NOW + timedelta(days=366))
    assert expired.sandbox
    assert "expired on 2027-11-21" in expired.fault


def test_status_goes_on_after_a_faulty_pass_type(certs: Path) -> None:
    (certs / "pass.a.broken").mkdir()
    assert [one.level for one in status(certs, NOW)] == ["fault", "good", "good"]
