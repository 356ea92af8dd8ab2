"""Alarms at the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.shop import Shop, environment, make_shop
from wallet_service.cli.alarms import alarm_group
from wallet_service.db.tables import Audit
from wallet_service.push.alarms import open_alarms, raise_alarm


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    made = make_shop(tmp_path)
    with made.services.sessions.begin() as session:
        for kind, subject in (("disk", "/old (7f)"), ("disk", "/new (8a)"), ("backup", "backup")):
            raise_alarm(session, kind, subject, "Nearly full.", made.clock())
    yield made
    made.services.sessions.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(alarm_group, words)


def raised(shop: Shop) -> set[tuple[str, str]]:
    with shop.services.sessions.read() as session:
        return {(one.kind, one.subject) for one in open_alarms(session)}


def test_each_is_listed_with_its_words(shop: Shop) -> None:
    lines = run("list").output.splitlines()
    assert "disk  /old (7f)  since 2026-11-02 08:00 UTC, not told" in lines
    assert lines.count("    Nearly full.") == 3


def test_one_of_a_machine_that_is_gone_is_ended_by_hand(shop: Shop) -> None:
    done = run("clear", "disk", "/old (7f)")
    assert (done.exit_code, done.output) == (0, "Over: /old (7f).\n")
    assert raised(shop) == {("disk", "/new (8a)"), ("backup", "backup")}
    with shop.services.sessions.read() as session:
        (line,) = session.scalars(select(Audit))
    assert (line.verb, line.subject, line.detail) == ("alarm-cleared", "alarm:disk", {"cleared": 1})


def test_all_of_a_kind_are_ended_at_once(shop: Shop) -> None:
    assert run("clear", "disk").exit_code == 0
    assert raised(shop) == {("backup", "backup")}


@pytest.mark.parametrize("named", [["disc"], ["disk", "/other"], ["backup", ""]])
def test_what_is_not_raised_is_told_and_writes_nothing(shop: Shop, named: list[str]) -> None:
    done = run("clear", *named)
    assert (done.exit_code, "No such alarm is raised" in done.output) == (1, True)
    assert len(raised(shop)) == 3
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Audit)).all() == []
