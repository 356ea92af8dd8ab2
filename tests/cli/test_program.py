"""A manager publishes a program from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.shop import DEMO, environment, make_shop
from wallet_service.cli.commands import wallet


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    make_shop(tmp_path)
    return tmp_path


def publish(data: Path, **changes: object) -> Result:
    file = data / "program.json"
    file.write_text(json.dumps(DEMO | changes))
    return CliRunner().invoke(wallet, ["program", "publish", "coffee", str(file)])


def shown() -> str:
    return CliRunner().invoke(wallet, ["program", "list"]).output


def test_a_change_is_the_next_version(data: Path) -> None:
    assert publish(data, organization="Bean & Brew").output == "coffee version 2 is in force.\n"
    assert shown() == "coffee  version 2\n"


def test_a_program_without_its_template_is_not_published(data: Path) -> None:
    told = publish(data, template="coffe")
    assert told.exit_code == 1
    assert "The pass template coffe.pass cannot be used" in told.output
    assert "Nothing was published." in told.output
    assert shown() == "coffee  version 1\n"


def test_every_fault_has_a_line_with_its_place_and_the_remedy(data: Path) -> None:
    told = publish(data, welcome=-1, currency="roubles", unknown=1)
    assert told.exit_code == 1
    assert [line.partition(":")[0] for line in told.stdout.splitlines()] == ["currency", "welcome", "unknown"]
    assert 'currency: "roubles" cannot stand here. Write the three capital letters' in told.stdout
    assert told.stderr == "Error: The program has 3 faults. Nothing was published.\n"
    assert shown() == "coffee  version 1\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{\n  "name": }', "is no JSON: line 2, column 11: Expecting value. Nothing was published."),
        (b"[]", "has to hold one JSON object. Nothing was published."),
        (b'{"name": "\xff"}', "is not UTF-8: byte 10. Nothing was published."),
        (b"[" * 100_000 + b"]" * 100_000, "is nested too deeply. Nothing was published."),
        (b'{"welcome": ' + b"9" * 5000 + b"}", "holds a number without end. Nothing was published."),
    ],
)
def test_a_file_that_is_no_json_is_told_with_its_place(data: Path, text: bytes, reason: str) -> None:
    file = data / "program.json"
    file.write_bytes(text)
    told = CliRunner().invoke(wallet, ["program", "publish", "coffee", str(file)])
    assert (told.exit_code, told.stderr) == (1, f"Error: {file} {reason}\n")


def test_without_a_slug_the_program_is_called_as_its_file(data: Path) -> None:
    file = data / "tea.json"
    file.write_text(json.dumps(DEMO))
    told = CliRunner().invoke(wallet, ["program", "publish", str(file)])
    assert told.output == "tea version 1 is in force.\n"
    assert shown() == "coffee  version 1\ntea  version 1\n"


@pytest.mark.parametrize("names", [["coffee", "nowhere.json"], ["coffee"], ["a", "b", "c.json"]])
def test_a_file_that_is_not_there_is_named(data: Path, names: list[str]) -> None:
    told = CliRunner().invoke(wallet, ["program", "publish", *names])
    assert told.exit_code == 2
    assert "Name one program" in told.output or f"There is no file {names[-1]}." in told.output
    assert shown() == "coffee  version 1\n"
