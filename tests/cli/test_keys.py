"""Keys leave an installation encrypted, and come back as files that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.shop import OPENING
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.cli.commands import wallet
from wallet_service.settings import from_environment

PASSPHRASE = "a horse that reads maps"
SECRETS = {"WALLET_SECRET_KEY": "s" * 40 + "," + "o" * 40, "WALLET_APPLE_TOKEN_KEY": "t" * 40}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_sandbox(tmp_path / "data" / "certs", OPENING)
    for name, value in {"WALLET_DATA_DIR": str(tmp_path / "data"), **SECRETS}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def run(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(wallet, ["keys", *words], input=answer)


def exported(folder: Path) -> Path:
    file = folder / "keys.age"
    done = run("export", str(file), answer=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert done.exit_code == 0, done.output
    return file


def test_what_comes_back_is_what_went_out(folder: Path) -> None:
    before = from_environment()
    done = run("import", str(exported(folder)), "--to", str(folder / "back"), answer=f"{PASSPHRASE}\n")
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


def test_S1_an_export_shows_no_key_to_whoever_finds_it(folder: Path) -> None:
    written = exported(folder).read_bytes()
    assert b"PRIVATE KEY" not in written
    assert SECRETS["WALLET_APPLE_TOKEN_KEY"].encode() not in written
    assert exported(folder).stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_opens_nothing(folder: Path) -> None:
    done = run("import", str(exported(folder)), "--to", str(folder / "back"), answer="something else\n")
    assert done.exit_code == 1
    assert "does not open with this passphrase" in done.output
    assert not (folder / "back").exists()


def test_a_short_passphrase_is_refused(folder: Path) -> None:
    done = run("export", str(folder / "keys.age"), answer="short\nshort\n")
    assert done.exit_code == 1
    assert not (folder / "keys.age").exists()


def test_keys_that_are_there_are_not_written_over(folder: Path) -> None:
    (folder / "back").mkdir()
    (folder / "back" / "WALLET_SECRET_KEY").write_text("mine")
    done = run("import", str(exported(folder)), "--to", str(folder / "back"), answer=f"{PASSPHRASE}\n")
    assert "is there already" in done.output
    assert (folder / "back" / "WALLET_SECRET_KEY").read_text() == "mine"
