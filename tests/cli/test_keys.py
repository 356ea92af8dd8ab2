"""Keys leave an installation encrypted, and come back as files that the settings name."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result

from tests.shop import OPENING
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.cli.commands import wallet
from wallet_service.settings import from_environment

PASSPHRASE = "a horse that reads maps"
SECRETS = {"WALLET_SECRET_KEY": "s" * 40 + "," + "o" * 40, "WALLET_APPLE_TOKEN_KEY": "t" * 40}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Once for all: to lock keys takes seconds on purpose."""
    folder = tmp_path_factory.mktemp("installed")
    make_sandbox(folder / "data" / "certs", OPENING)
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        done = run("export", str(folder / "keys.age"), answer=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def folder(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settle(installed, monkeypatch)
    return tmp_path


@pytest.fixture
def exported(installed: Path) -> Path:
    return installed / "keys.age"


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WALLET_DATA_DIR": str(folder / "data"), **SECRETS}.items():
        monkeypatch.setenv(name, value)


def run(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(wallet, ["keys", *words], input=answer)


def test_what_comes_back_is_what_went_out(folder: Path, exported: Path) -> None:
    before = from_environment()
    done = run("import", str(exported), "--to", str(folder / "back"), answer=f"{PASSPHRASE}\n")
    assert done.exit_code == 0, done.output
    said = dict(line.split("=", 1) for line in done.output.splitlines() if line.startswith("WALLET_"))
    after = from_environment(said | {"WALLET_DATA_DIR": str(folder / "elsewhere")})
    assert after.secret_keys == before.secret_keys
    assert after.apple_token_key == before.apple_token_key
    old, new = (
        {
            path.relative_to(one.certs_dir): path.read_bytes()
            for path in one.certs_dir.rglob("*")
            if path.is_file()
        }
        for one in (before, after)
    )
    assert old == new
    laid_out = [folder / "back", *(path for path in (folder / "back").rglob("*") if path.is_file())]
    assert [path for path in laid_out if path.stat().st_mode & 0o077] == []


def test_S1_an_export_shows_no_key_to_whoever_finds_it(exported: Path) -> None:
    written = exported.read_bytes()
    assert b"PRIVATE KEY" not in written
    assert SECRETS["WALLET_APPLE_TOKEN_KEY"].encode() not in written
    assert exported.stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_opens_nothing(folder: Path, exported: Path) -> None:
    done = run("import", str(exported), "--to", str(folder / "back"), answer="something else\n")
    assert done.exit_code == 1
    assert "does not open with this passphrase" in done.output
    assert not (folder / "back").exists()


def test_S1_a_passphrase_comes_from_a_file_and_never_from_the_command_line(folder: Path) -> None:
    (folder / "word").write_text(f"{PASSPHRASE}\n")
    said = ("--passphrase-file", str(folder / "word"))
    assert run("export", str(folder / "keys.age"), *said).exit_code == 0
    assert run("export", str(folder / "more.age"), "--passphrase", PASSPHRASE).exit_code == 2


def test_a_file_of_somebody_else_is_said_to_be_none_of_ours(folder: Path) -> None:
    (folder / "notes.age").write_bytes(pyrage.passphrase.encrypt(b"notes" * 400, PASSPHRASE))
    done = run("import", str(folder / "notes.age"), "--to", str(folder / "back"), answer=f"{PASSPHRASE}\n")
    assert done.exit_code == 1
    assert "was not written by" in done.output


def test_a_short_passphrase_is_refused(folder: Path) -> None:
    done = run("export", str(folder / "keys.age"), answer="short\nshort\n")
    assert done.exit_code == 1
    assert not (folder / "keys.age").exists()


def test_keys_that_are_there_are_not_written_over(folder: Path, exported: Path) -> None:
    (folder / "back").mkdir()
    (folder / "back" / "WALLET_SECRET_KEY").write_text("mine")
    (folder / "word").write_text(PASSPHRASE)
    said = ("--passphrase-file", str(folder / "word"))
    done = run("import", str(exported), "--to", str(folder / "back"), *said)
    assert "is there already" in done.output
    assert (folder / "back" / "WALLET_SECRET_KEY").read_text() == "mine"
