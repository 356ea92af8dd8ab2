"""A designer begins a template, is told its faults, and sees the card."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from wallet_service.apple.template import pass_template
from wallet_service.cli.template import MODEL, template


def run(*words: object) -> Result:
    return CliRunner().invoke(template, [str(word) for word in words])


def test_a_new_template_is_valid_from_the_first_minute(tmp_path: Path) -> None:
    assert run("new", "bakery", "--into", tmp_path).exit_code == 0
    assert pass_template.load(tmp_path / "bakery.pass").name == "bakery"
    checked = run("check", tmp_path / "bakery.pass")
    assert (checked.exit_code, checked.output) == (0, "bakery.pass is ready.\n")


@pytest.mark.parametrize("name", ["../bakery", "Bakery", "", ".hidden", "a" * 50, "a/b"])
def test_a_name_that_is_no_folder_name_is_refused(name: str, tmp_path: Path) -> None:
    told = run("new", name, "--into", tmp_path)
    assert told.exit_code == 1
    assert "is no good name" in told.output
    assert list(tmp_path.iterdir()) == []


def test_a_template_is_never_overwritten(tmp_path: Path) -> None:
    run("new", "bakery", "--into", tmp_path)
    told = run("new", "bakery", "--into", tmp_path)
    assert told.exit_code == 1
    assert "is there already" in told.output


def test_check_tells_what_google_would_not_take(tmp_path: Path) -> None:
    run("new", "bakery", "--into", tmp_path)
    Image.new("RGB", (300, 300)).save(tmp_path / "bakery.pass" / "google-logo.png")
    told = run("check", tmp_path / "bakery.pass")
    assert told.exit_code == 1
    assert "is 300x300 pixels. Google wants a square of 660 or more" in told.output


def test_check_prints_a_line_for_each_fault_and_fails(tmp_path: Path) -> None:
    run("new", "bakery", "--into", tmp_path)
    file = tmp_path / "bakery.pass" / "pass.json"
    body = json.loads(file.read_text())
    file.write_text(
        json.dumps(body | {"logoText": "{{nmae}} {{x}}", "stripColor": "rgb(1, 2, 3)", "maxDistance": "1"})
    )
    told = run("check", tmp_path / "bakery.pass")
    lines = told.output.splitlines()
    assert told.exit_code == 1
    assert [line.split(":")[:3] for line in lines] == [
        ["error", " pass.json", " logoText"],
        ["error", " pass.json", " maxDistance"],
        ["warning", " pass.json", " stripColor"],
        ["Error", " bakery.pass has 2 errors."],
    ]


def test_warnings_alone_do_not_fail(tmp_path: Path) -> None:
    run("new", "bakery", "--into", tmp_path)
    (tmp_path / "bakery.pass" / "notes.txt").write_text("x")
    told = run("check", tmp_path / "bakery.pass")
    assert told.exit_code == 0
    assert "notes.txt" in told.output


def test_preview_draws_five_states_in_two_languages(tmp_path: Path) -> None:
    told = run("preview", MODEL, "--out", tmp_path / "pictures")
    assert told.exit_code == 0, told.output
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    states = ("1-empty", "2-endowed", "3-half", "4-one-to-go", "5-full")
    assert names == sorted(f"{state}-{language}.png" for state in states for language in ("en", "ru"))
    drawn = {(tmp_path / "pictures" / name).read_bytes() for name in names}
    assert len(drawn) == 10
    assert {Image.open(io.BytesIO(picture)).size for picture in drawn} == {(798, 1080)}


def test_preview_of_a_broken_template_is_one_sentence(tmp_path: Path) -> None:
    run("new", "bakery", "--into", tmp_path)
    (tmp_path / "bakery.pass" / "pass.json").write_text("{")
    told = run("preview", tmp_path / "bakery.pass", "--out", tmp_path / "pictures")
    assert told.exit_code == 1
    assert told.output.startswith("Error: The pass template bakery.pass cannot be used: pass.json")


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    told = run("preview", MODEL, "--out", tmp_path / "file" / "out")
    assert told.exit_code == 1
    assert "cannot be written" in told.output


def test_check_names_the_folder_that_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new", "bakery", "--into", tmp_path)
    monkeypatch.chdir(tmp_path / "bakery.pass")
    assert run("check", ".").output == "bakery.pass is ready.\n"
