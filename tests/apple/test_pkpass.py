"""The bundle: manifest, signature and zip, looked at by others' tools."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.apple.bundle.pkpass import Prepared, bundle, bundle_of_passes
from wallet_service.apple.signing.sandbox_certificates import COFFEE, make_sandbox
from wallet_service.apple.signing.signer import FileSigner, Keyring
from wallet_service.domain.errors import Invalid, Misconfigured, TooMuch, Unavailable

PASS = json.dumps(
    {"passTypeIdentifier": COFFEE, "teamIdentifier": "SANDBOX001", "serialNumber": "s1"}
).encode()
STATIC = {
    "icon.png": b"icon" * 300,
    "strip@2x.png": b"strip" * 900,
    "ru.lproj/pass.strings": '"Visits" = "Визиты";'.encode(),
    "en.lproj/pass.strings": b'"Visits" = "Visits";',
}


class NoInk:
    """Where the signature itself does not matter."""

    pass_type, team = COFFEE, "SANDBOX001"

    def sign(self, manifest: bytes) -> bytes:
        return b"signed " + hashlib.sha256(manifest).digest()


class BrokenSigner(NoInk):
    def sign(self, manifest: bytes) -> bytes:
        raise Unavailable("The key is away.")


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    make_sandbox(folder, datetime.now(UTC))
    return folder


@pytest.fixture(scope="module")
def signer(certs: Path) -> FileSigner:
    return Keyring(certs, lambda: datetime.now(UTC)).signer(COFFEE)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def infos(data: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.infolist()


def issue(static: dict[str, bytes] = STATIC, **changing: bytes) -> bytes:
    return bundle(Prepared(static), {"pass.json": PASS, **changing}, NoInk())


def test_B1_the_root_holds_the_files_themselves(tmp_path: Path) -> None:
    pkpass = tmp_path / "card.pkpass"
    pkpass.write_bytes(issue())
    names = [info.filename for info in infos(pkpass.read_bytes())]
    assert sorted(names) == sorted([*STATIC, "pass.json", "manifest.json", "signature"])
    tested = subprocess.run(["unzip", "-t", str(pkpass)], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout
    assert "No errors detected" in tested.stdout


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../icon.png",
        "en.lproj/../../icon.png",
        "en.lproj/",
        "en.lproj//pass.strings",
        "./icon.png",
        "en.lproj\\pass.strings",
        "C:icon.png",
        "icon\x00.png",
        "icon\n.png",
        "\ud800.png",
        "",
        ".DS_Store",
        "en.lproj/.DS_Store",
        "__MACOSX/icon.png",
        "manifest.json",
        "signature",
    ],
)
@pytest.mark.parametrize("prepared", [True, False])
def test_B1_unsafe_names_are_refused(name: str, prepared: bool) -> None:
    static, changing = ({name: b""}, {}) if prepared else ({}, {name: b""})
    with pytest.raises(Misconfigured, match="cannot be the name of a file in a pass"):
        bundle(Prepared(static), {"pass.json": PASS, **changing}, NoInk())


def test_B1_a_file_given_twice_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"would hold icon\.png twice"):
        bundle(Prepared(STATIC), {"pass.json": PASS, "icon.png": b"other"}, NoInk())
    with pytest.raises(Misconfigured, match=r"would hold icon\.png twice"):
        Prepared(STATIC).joined(Prepared({"icon.png": b"other"}))


def test_B1_without_pass_json_there_is_no_pass() -> None:
    with pytest.raises(Misconfigured, match=r"no pass\.json"):
        bundle(Prepared(STATIC), {}, NoInk())


def test_B2_entries_are_stored_small_and_named_in_utf8() -> None:
    for info in infos(issue({"логотип.png": b"x", **STATIC})):
        assert info.compress_type == zipfile.ZIP_STORED
        assert info.flag_bits == 0x0800
        assert not info.extra
        assert not info.is_dir()
        assert "\\" not in info.filename
    assert "логотип.png" in unpacked(issue({"логотип.png": b"x"}))


def test_B3_the_manifest_names_every_file_with_its_sha1_and_nothing_else() -> None:
    files = unpacked(issue())
    manifest = json.loads(files["manifest.json"])
    rest = {name: data for name, data in files.items() if name not in ("manifest.json", "signature")}
    assert manifest == {name: hashlib.sha1(data).hexdigest() for name, data in rest.items()}


def test_B4_openssl_verifies_the_files_as_they_come_out_of_the_zip(
    signer: FileSigner, certs: Path, tmp_path: Path
) -> None:
    (tmp_path / "card.pkpass").write_bytes(bundle(Prepared(STATIC), {"pass.json": PASS}, signer))
    subprocess.run(["unzip", "-q", "card.pkpass"], cwd=tmp_path, check=True)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content"]
    command += ["manifest.json", "-CAfile", str(certs / "sandbox" / "root.pem"), "-out", "verified"]
    verified = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stderr
    assert (tmp_path / "verified").read_bytes() == (tmp_path / "manifest.json").read_bytes()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"passTypeIdentifier": "pass.other", "teamIdentifier": "SANDBOX001"}, "names type pass.other"),
        (
            {"passTypeIdentifier": COFFEE, "teamIdentifier": "OTHER"},
            "team OTHER, its certificate is for type",
        ),
        ({"teamIdentifier": "SANDBOX001"}, "names type None"),
        ([COFFEE, "SANDBOX001"], "no JSON object"),
    ],
)
def test_B9_a_pass_that_is_not_its_certificates_own_is_not_signed(body: object, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        bundle(Prepared(STATIC), {"pass.json": json.dumps(body).encode()}, NoInk())


def test_B9_the_pass_may_be_written_in_any_json_manner() -> None:
    compact = json.dumps(json.loads(PASS), separators=(",", ":")).encode()
    nested_first = b'{"userInfo":{"passTypeIdentifier":"pass.old"},' + PASS[1:]
    escaped = PASS.replace(b"passTypeIdentifier", b"pass\\u0054ypeIdentifier")
    for body in (compact, nested_first, escaped):
        assert unpacked(bundle(Prepared({}), {"pass.json": body}, NoInk()))["pass.json"] == body


def test_B14_passes_travel_together() -> None:
    together = unpacked(bundle_of_passes([issue(), issue({})]))
    assert list(together) == ["1.pkpass", "2.pkpass"]
    assert together["1.pkpass"] == issue()


def test_B14_at_most_ten_passes_and_150_megabytes() -> None:
    assert len(unpacked(bundle_of_passes([b"p"] * 10))) == 10
    with pytest.raises(TooMuch):
        bundle_of_passes([b"p"] * 11)
    with pytest.raises(TooMuch):
        bundle_of_passes([bytes(75_000_001)] * 2)
    with pytest.raises(Invalid):
        bundle_of_passes([])


def test_B15_the_same_state_gives_the_same_manifest_however_it_was_put_together() -> None:
    backwards = dict(reversed(STATIC.items()))
    at_once = unpacked(bundle(Prepared({}), {**backwards, "pass.json": PASS}, NoInk()))
    joined = Prepared({"icon.png": STATIC["icon.png"]}).joined(
        Prepared({name: data for name, data in STATIC.items() if name != "icon.png"})
    )
    in_parts = unpacked(bundle(joined, {"pass.json": PASS}, NoInk()))
    assert at_once == in_parts == unpacked(issue())


def test_B16_the_clock_is_not_in_the_zip() -> None:
    assert {info.date_time for info in infos(issue())} == {(1980, 1, 1, 0, 0, 0)}
    assert issue() == issue()


def test_B17_when_the_signature_fails_there_is_no_bundle() -> None:
    with pytest.raises(Unavailable):
        bundle(Prepared(STATIC), {"pass.json": PASS}, BrokenSigner())


NAMES = st.from_regex(r"([a-z]{2}\.lproj/)?[a-zA-Zа-я0-9@_-]{1,12}\.(png|strings)", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=200), max_size=8)


@given(static=FILES, changing=FILES)
def test_what_goes_in_comes_out(static: dict[str, bytes], changing: dict[str, bytes]) -> None:
    static = {name: data for name, data in static.items() if name not in changing}
    files = unpacked(bundle(Prepared(static), {**changing, "pass.json": PASS}, NoInk()))
    assert {**static, **changing, "pass.json": PASS}.items() <= files.items()
    assert files["signature"] == NoInk().sign(files["manifest.json"])
    assert len(files) == len(static) + len(changing) + 3
