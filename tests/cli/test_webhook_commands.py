"""Systems of the shop are connected at the terminal too."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.shop import environment, make_shop
from wallet_service.cli.commands import wallet


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    make_shop(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(wallet, ["webhook", *words])


def test_added_listed_and_removed(data: Path) -> None:
    added = run("add", "crm", "https://hooks.example.com/cards?key=abc", "--event", "purchase.booked")
    assert added.output.startswith("whsec_")
    assert run("list").output == "1  crm  on  0 waiting  https://hooks.example.com/cards\n"
    assert run("remove", "1").output == "It is removed.\n"
    assert run("list").output == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "crm", "https://10.0.0.1/"), "A webhook is called at a public host name"),
        (
            ("add", "crm", "https://hooks.example.com/", "--event", "card.eaten"),
            "is not one of 'card.joined'",
        ),
        (("remove", "7"), "There is no such webhook."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(data: Path, words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code != 0
    assert said in told.output
    assert "Traceback" not in told.output
