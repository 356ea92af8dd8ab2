"""The certificates commands, as an operator types them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.services.apple_portal import Portal, open_portal
from wallet_service.apple.signing.certificates import Credentials, load
from wallet_service.apple.signing.sandbox_certificates import make_sandbox, new_key
from wallet_service.cli.certs import certs as group

NOW = datetime.now(UTC).replace(microsecond=0)
SHOP = "pass.test.shop"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    return open_portal(tmp_path_factory.mktemp("portal"), NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certs"


@pytest.fixture
def certs(folder: Path) -> Run:
    def run(*arguments: str | Path, input: str | None = None, **env: str) -> Result:
        settings = {"WALLET_CERTS_DIR": str(folder), **env}
        return CliRunner().invoke(group, [str(one) for one in arguments], input=input, env=settings)

    return run


@pytest.fixture
def csr(certs: Run, folder: Path) -> Path:
    assert certs("csr").exit_code == 0
    (path,) = (folder / "pending").glob("*.csr")
    return path


def shop(folder: Path) -> Credentials:
    return load(folder, datetime.now(UTC))[SHOP]


def refused(result: Result, *said: str) -> None:
    """With a sentence and without a traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.output.startswith("Error: ")
    for part in said:
        assert part in result.output


def legacy_p12(tmp_path: Path, portal: Portal, password: str, *options: str) -> Path:
    """What Keychain exports: RC2-40 for the certificate and 3DES for the key."""
    key = new_key()
    leaf = portal.issue(key.public_key(), NOW)
    pem = tmp_path / "both.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        + leaf.public_bytes(Encoding.PEM)
    )
    path = tmp_path / "Certificates.p12"
    command = ["openssl", "pkcs12", "-export", "-in", str(pem), "-out", str(path)]
    command += ["-passout", f"pass:{password}", *options]
    subprocess.run(command, check=True, capture_output=True)
    return path


LEGACY = ("-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES")


def test_sandbox_makes_certificates_and_may_be_run_again(certs: Run, folder: Path) -> None:
    assert certs("sandbox").exit_code == 0
    assert certs("sandbox").exit_code == 0
    assert load(folder, NOW + timedelta(minutes=1))["pass.sandbox.coffee"].is_sandbox


def test_a_csr_can_be_uploaded_and_its_key_stays_private(certs: Run, folder: Path) -> None:
    said = certs("csr", "--name", "Кофейня")
    (path,) = (folder / "pending").glob("*.csr")
    assert str(path) in said.output
    request = x509.load_pem_x509_csr(path.read_bytes())
    assert request.is_signature_valid
    assert "Кофейня" in request.subject.rfc4514_string()
    assert path.with_suffix(".key").stat().st_mode & 0o077 == 0
    checked = subprocess.run(["openssl", "req", "-verify", "-noout", "-in", path], capture_output=True)
    assert checked.returncode == 0


def test_the_answer_to_a_csr_finds_its_key(certs: Run, folder: Path, csr: Path, portal: Portal) -> None:
    said = certs("import", portal.answer(csr, NOW), portal.wwdr_file)
    assert said.exit_code == 0, said.output
    assert f"{SHOP} of team TEAM123456" in said.output
    assert shop(folder).team == "TEAM123456"
    assert not list((folder / "pending").iterdir())


def test_the_intermediate_may_come_first(certs: Run, folder: Path, csr: Path, portal: Portal) -> None:
    assert "G4" in certs("import", portal.wwdr_file).output
    assert certs("import", portal.answer(csr, NOW)).exit_code == 0
    assert shop(folder).intermediate == portal.wwdr


def test_without_the_intermediate_nothing_is_stored(
    certs: Run, folder: Path, csr: Path, portal: Portal
) -> None:
    refused(certs("import", portal.answer(csr, NOW)), "have none", "apple.com/certificateauthority", "G4")
    assert not (folder / SHOP).exists()
    assert csr.with_suffix(".key").exists()


@pytest.mark.parametrize("options", [LEGACY, ()], ids=["Keychain", "modern"])
def test_B8_a_p12_is_imported(
    certs: Run, folder: Path, portal: Portal, tmp_path: Path, options: tuple[str, ...]
) -> None:
    p12 = legacy_p12(tmp_path, portal, "открой", *options)
    said = certs("import", p12, portal.wwdr_file, input="открой\n")
    assert said.exit_code == 0, said.output
    assert "открой" not in said.output
    assert shop(folder).key_file.stat().st_mode & 0o077 == 0


def test_a_p12_without_password_is_imported(certs: Run, folder: Path, portal: Portal, tmp_path: Path) -> None:
    p12 = legacy_p12(tmp_path, portal, "", *LEGACY)
    said = certs("import", p12, portal.wwdr_file, input="\n")
    assert said.exit_code == 0, said.output


def test_the_password_may_lie_in_a_file(certs: Run, folder: Path, portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    p12 = legacy_p12(tmp_path, portal, "secret")
    options = ("--password-file", tmp_path / "password")
    assert certs("import", p12, portal.wwdr_file, *options).exit_code == 0


def test_a_wrong_password_is_a_sentence(certs: Run, portal: Portal, tmp_path: Path) -> None:
    p12 = legacy_p12(tmp_path, portal, "right")
    said = certs("import", p12, portal.wwdr_file, input="wrong\n")
    assert said.exit_code == 1
    assert "the password is wrong" in said.output
    assert "wrong\n" not in said.output.replace("is wrong", "")


def test_a_pem_with_its_key_is_imported(certs: Run, folder: Path, portal: Portal, tmp_path: Path) -> None:
    legacy_p12(tmp_path, portal, "x")
    assert certs("import", tmp_path / "both.pem", portal.wwdr_file).exit_code == 0
    assert shop(folder).team == "TEAM123456"


def test_a_p12_without_key_says_how_to_export_it(certs: Run, portal: Portal, tmp_path: Path) -> None:
    p12 = legacy_p12(tmp_path, portal, "x", "-nokeys")
    said = certs("import", p12, portal.wwdr_file, input="x\n")
    assert said.exit_code == 1
    assert "My Certificates" in said.output


def test_kept_keys_are_locked_when_there_is_a_passphrase(certs: Run, folder: Path, portal: Portal) -> None:
    locked = {"WALLET_KEY_PASSPHRASE": "correct horse"}
    certs("csr", **locked)
    (csr,) = (folder / "pending").glob("*.csr")
    assert certs("import", portal.answer(csr, NOW), portal.wwdr_file, **locked).exit_code == 0
    (key,) = (folder / SHOP).glob("*.key")
    assert b"ENCRYPTED" in key.read_bytes()
    assert certs("status", **locked).exit_code == 0
    assert "give WALLET_KEY_PASSPHRASE" in certs("status").output


GARBAGE = [b"", b"hello", os.urandom(400), b"\x30\x82\x04\x00" + bytes(40), b"\x30\x80\x02\x01\x03junk"]
GARBAGE += [
    b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    b"-----BEGIN PRIVATE KEY-----\n",
]


@pytest.mark.parametrize("junk", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_with_its_name(certs: Run, folder: Path, tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "junk.cer"
    path.write_bytes(junk)
    said = certs("import", path, input="\n")
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit)
    assert "junk.cer" in said.output
    assert not folder.exists()


def test_a_missing_file_is_named(certs: Run, tmp_path: Path) -> None:
    refused(certs("import", tmp_path / "nothing.cer"), "nothing.cer", "No such file")


def test_B9_a_certificate_without_uid_is_refused(certs: Run, csr: Path, portal: Portal) -> None:
    refused(certs("import", portal.wwdr_file, portal.answer(csr, NOW, uid=None)), "UID is missing")


@pytest.mark.parametrize("uid", ["com.test.app", "pass.../../../etc", "pass", "pass.x/y"])
def test_B9_a_certificate_for_something_else_is_refused(
    certs: Run, csr: Path, portal: Portal, uid: str
) -> None:
    refused(certs("import", portal.wwdr_file, portal.answer(csr, NOW, uid=uid)), f"its UID is {uid}")


def test_B10_an_expired_certificate_is_refused(certs: Run, csr: Path, portal: Portal) -> None:
    old = portal.answer(csr, NOW - timedelta(days=400))
    refused(certs("import", portal.wwdr_file, old), "expired on", "and it is")


def test_B10_a_certificate_for_another_key_is_refused(certs: Run, csr: Path, portal: Portal) -> None:
    path = portal.wwdr_file.with_name("foreign.cer")
    path.write_bytes(portal.issue(new_key().public_key(), NOW).public_bytes(Encoding.DER))
    refused(certs("import", portal.wwdr_file, path), "private key", "another CSR")


def test_B11_a_renewal_keeps_the_pass_type(certs: Run, folder: Path, csr: Path, portal: Portal) -> None:
    assert certs("import", portal.wwdr_file, portal.answer(csr, NOW, days=20)).exit_code == 0
    certs("csr")
    (second,) = (folder / "pending").glob("*.csr")
    refused(
        certs("import", portal.answer(second, NOW, uid="pass.test.other")),
        "for pass.test.other",
        f"cards are of {SHOP}",
        "--new-pass-type",
    )
    assert certs("import", "--at-once", portal.answer(second, NOW)).exit_code == 0
    assert len(list((folder / SHOP).glob("*.pem"))) == 2
    assert shop(folder).expires_at > NOW + timedelta(days=300)


def test_a_further_pass_type_is_added_when_asked_for(
    certs: Run, folder: Path, csr: Path, portal: Portal
) -> None:
    certs("import", portal.wwdr_file, portal.answer(csr, NOW))
    certs("csr")
    (second,) = (folder / "pending").glob("*.csr")
    other = portal.answer(second, NOW, uid="pass.test.other")
    assert certs("import", other, "--new-pass-type").exit_code == 0
    assert sorted(load(folder, NOW)) == ["pass.test.other", SHOP]


def test_a_root_alone_is_of_no_use(certs: Run, portal: Portal) -> None:
    refused(certs("import", portal.root_file), "Neither a pass certificate nor an intermediate", "root.pem")


def test_status_counts_days_and_warns(certs: Run, csr: Path, portal: Portal) -> None:
    certs("import", portal.wwdr_file, portal.answer(csr, NOW, days=6))
    said = certs("status")
    assert said.exit_code == 0
    assert f"{SHOP} (sandbox): certificate, 5 days left - RENEW NOW" in said.output
    assert "G4, 36" in said.output


def test_S1_status_complains_about_a_key_that_others_can_read(
    certs: Run, folder: Path, csr: Path, portal: Portal
) -> None:
    certs("import", portal.wwdr_file, portal.answer(csr, NOW))
    shop(folder).key_file.chmod(0o644)
    said = certs("status")
    assert said.exit_code == 1
    assert "run chmod 600" in said.output


def test_status_of_an_empty_folder_says_where_to_begin(certs: Run) -> None:
    refused(certs("status"), "There is no certificate", "certs csr")


def test_a_folder_that_cannot_be_written_is_named(certs: Run, tmp_path: Path) -> None:
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "pending").write_text("in the way")
    refused(certs("csr"), "pending")


def test_commands_find_the_certificates_of_the_sandbox_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WALLET_CERTS_DIR", raising=False)
    monkeypatch.setenv("WALLET_DATA_DIR", str(tmp_path / "data"))
    make_sandbox(tmp_path / "data" / "certs", NOW)
    told = CliRunner().invoke(group, ["status"])
    assert told.exit_code == 0
    assert "pass.sandbox.coffee (sandbox): certificate, 36" in told.output
    assert CliRunner().invoke(group, ["status", "--calendar", "days.ics"]).exit_code == 0
    written = (tmp_path / "days.ics").read_bytes().decode()
    assert written.startswith("BEGIN:VCALENDAR\r\n")
    assert f"DTSTART;VALUE=DATE:{NOW + timedelta(days=365 - 30):%Y%m%d}" in written
    assert written.count("BEGIN:VEVENT") == 4
    assert CliRunner().invoke(group, ["push"]).output == "pass.sandbox.coffee pushes with its certificate.\n"
    told = CliRunner().invoke(group, ["switch", "pass.sandbox.coffee"])
    assert "No certificate waits" in told.output
