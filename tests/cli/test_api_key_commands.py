"""Keys of machines, from the terminal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.shop import Shop, environment, make_shop
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import ApiKey


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return make_shop(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(wallet, ["api-key", *words])


def kept(shop: Shop) -> ApiKey:
    with shop.services.sessions.read() as session:
        return session.scalars(select(ApiKey)).one()


def test_a_new_key_stands_alone_on_standard_output(shop: Shop) -> None:
    told = run("create", "till-1")
    assert told.stdout.startswith("wk_")
    assert told.stdout.count("\n") == 1
    key = kept(shop)
    assert (key.name, key.scopes, key.store, key.expires_at) == ("till-1", "read book manage", None, None)


def test_a_key_has_the_scopes_the_store_and_the_days_that_it_is_given(shop: Shop) -> None:
    limits = ("--scope", "book", "--scope", "read", "--store", "main", "--expires", "30")
    assert run("create", "till-1", *limits).exit_code == 0
    key = kept(shop)
    assert (key.scopes, key.store) == ("read book", "main")
    assert key.expires_at is not None
    assert key.expires_at - key.created_at == timedelta(days=30)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (("--store", "atlantis"), "There is no store atlantis."),
        (("--scope", "all"), "is not one of"),
        (("--expires", "0"), "is not in the range"),
    ],
)
def test_a_key_that_cannot_be_is_refused_in_a_sentence(shop: Shop, limits: tuple[str, ...], why: str) -> None:
    told = run("create", "till-1", *limits)
    assert told.exit_code != 0
    assert why in told.stderr


def test_the_list_names_each_key_and_shows_none(shop: Shop) -> None:
    secret = run("create", "till-1", "--scope", "read").stdout.strip()
    run("create", "till-2", "--store", "main")
    assert run("revoke", "till-2").output == "till-2 opens nothing any more.\n"
    first, second = run("list").output.splitlines()
    assert first.startswith("till-1  wk_")
    assert first.endswith("…  read  every store  never used")
    assert "read,book,manage  store main  revoked 20" in second
    assert secret not in first
    assert run("revoke", "till-3").exit_code == 1
