"""A secret key that is lost is no dead end."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.shop import environment, make_shop
from wallet_service.cli.commands import wallet

FIRST, SECOND, THIRD = "1" * 64, "2" * 64, "3" * 64


def run(*words: str) -> Result:
    return CliRunner().invoke(wallet, ["secrets", *words])


def test_old_keys_that_nobody_opens_any_more_can_still_be_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**environment(tmp_path), "WALLET_SECRET_KEY": f"{SECOND},{FIRST}"}.items():
        monkeypatch.setenv(name, value)
    make_shop(tmp_path)
    assert run("rotate").output.startswith("Old keys kept in the database, locked with the new one: 1.")
    monkeypatch.setenv("WALLET_SECRET_KEY", THIRD)
    assert "flask wallet secrets forget" in run("status").output
    assert "flask wallet secrets forget" in CliRunner().invoke(wallet, ["doctor"]).output
    assert run("forget", "--yes").output.startswith("Old keys gone: 1.")
    assert run("status").exit_code == 0
