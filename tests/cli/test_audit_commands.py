"""The audit names who sat at the terminal, and says where to look when it finds nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.shop import DEMO, Shop, environment, make_shop
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import Audit


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in {**environment(tmp_path), "SUDO_USER": "olga"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return make_shop(tmp_path)


def run(*words: str) -> Result:
    done = CliRunner().invoke(wallet, words)
    assert done.exit_code == 0, done.output
    return done


def test_whatever_is_done_at_the_terminal_names_the_person(shop: Shop, tmp_path: Path) -> None:
    card = shop.join("Alice")
    (tmp_path / "tea.json").write_text(json.dumps(DEMO))
    run("program", "publish", "tea.json")
    run("program", "publish", "tea.json")  # the same once more is no news
    run("staff", "add", "Mira", "--pin", "1234")
    run("staff", "pin", "Mira", "--pin", "5678")
    run("api-key", "create", "till-1")
    run("api-key", "revoke", "till-1")
    run("export", "members", "--out", "members.csv")
    run("member", "export", card)
    run("erase", card, "--yes")
    with shop.services.sessions.read() as session:
        lines = session.scalars(select(Audit).where(Audit.actor == "command:olga")).all()
    assert [line.verb for line in lines] == [
        "program-published",
        "staff-added",
        "pin-set",
        "key-made",
        "key-revoked",
        "members-exported",
        "member-exported",
        "member-erased",
    ]
    told = run("audit", "list", "--actor", "command:olga", "--limit", "1").output
    assert f"command:olga  member-erased  card:{card}" in told


def test_where_nothing_is_written_down_the_list_says_how_to_ask(shop: Shop) -> None:
    assert "card:SERIAL" in run("audit", "list", "--subject", "nonsense").output
