"""A member was forgotten: the act says which kinds of data went, when and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.shop import Shop, environment, make_shop
from wallet_service.actions.erase import erase
from wallet_service.actions.people import About
from wallet_service.cli.commands import wallet


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    made = make_shop(tmp_path)
    yield made
    made.services.sessions.close()


def alice(shop: Shop) -> str:
    return shop.join("Alice", about=About(phone="+7 912 345-67-89"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ["Акт об уничтожении персональных данных", "Имя, Номер телефона, Номера карт", "Потеряла"]),
        ("en", ["Act of the destruction", "Name, Phone number, Numbers of their cards", "Потеряла"]),
    ],
)
def test_the_act_says_what_went_and_not_what_it_said(
    shop: Shop, tmp_path: Path, language: str, words: list[str]
) -> None:
    card, wallets = alice(shop), shop.services.wallets
    with shop.services.sessions.begin() as session:
        erase(session, card=card, wallets=wallets, now=shop.clock(), actor="staff:3", reason="Потеряла")
    out = tmp_path / "act.html"
    done = CliRunner().invoke(wallet, ["member", "act", card, "--language", language, "--out", str(out)])
    assert done.exit_code == 0, done.output
    page = out.read_text()
    for word in (*words, card, "staff:3", "2026-11-02 08:00 UTC"):
        assert word in page
    assert "Alice" not in page
    assert "79123456789" not in page


def test_there_is_no_act_of_who_was_not_forgotten(shop: Shop) -> None:
    done = CliRunner().invoke(wallet, ["member", "act", alice(shop)])
    assert done.exit_code == 1
    assert "was not forgotten" in done.output
