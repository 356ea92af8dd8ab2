"""A member was forgotten: the act says which kinds of data went, when and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.shop import Shop, environment, make_shop
from wallet_service.actions.erase import erase
from wallet_service.actions.forget_part import forget_part
from wallet_service.actions.people import About
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import Card, Member


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


def test_the_file_is_named_by_the_serial_and_not_by_a_number_that_was_typed(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    card = alice(shop)
    with shop.services.sessions.begin() as session:
        number = session.scalars(select(Card.number)).one()
        forget_part(session, card=card, kinds=["phone"], now=shop.clock())
    done = CliRunner().invoke(wallet, ["member", "act", number])
    assert done.exit_code == 0, done.output
    assert [file.name for file in tmp_path.glob("*.html")] == [f"destruction-{card}.html"]


def test_the_act_says_that_the_key_of_an_import_stays(shop: Shop, tmp_path: Path) -> None:
    card, out = alice(shop), tmp_path / "act.html"
    with shop.services.sessions.begin() as session:
        session.execute(update(Member).values(reference="customer 7"))
    done = CliRunner().invoke(wallet, ["erase", card, "--only", "reference"])
    assert done.output == (
        "Gone: reference. The card stays.\nIn the ledger it stays as the key of their import.\n"
    )
    CliRunner().invoke(wallet, ["member", "act", card, "--language", "ru", "--out", str(out)])
    assert "остаётся ключом его загрузки" in out.read_text()


def test_a_person_is_meant_whichever_of_their_merged_cards_is_named(shop: Shop, tmp_path: Path) -> None:
    old, kept = alice(shop), shop.join("A. Smith")
    shop.merge(kept, old)
    asked = CliRunner().invoke(wallet, ["erase", old], input="n\n")
    assert f"Forget the member of card {kept} (merged into it: {old})?" in asked.output
    assert CliRunner().invoke(wallet, ["erase", old, "--yes"]).exit_code == 0
    for named in (old, kept):
        out = tmp_path / f"{named}.html"
        assert CliRunner().invoke(wallet, ["member", "act", named, "--out", str(out)]).exit_code == 0
        assert f"{kept}, {old}" in out.read_text() or f"{old}, {kept}" in out.read_text()
