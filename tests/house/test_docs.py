"""What the documents name is there: links, settings, commands, make targets, placeholders, reasons."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.art import readme_picture
from tests.house.pages import code_in, markdown, said
from tests.house.tree import ROOT, files, name, texts
from tests.shop import make_settings
from wallet_service.apple.template import placeholders
from wallet_service.art.theme import _File
from wallet_service.cli.commands import wallet
from wallet_service.wiring import create_app

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="([^"]+)">')
VARIABLE = re.compile(r"\bWALLET_[A-Z_]+[A-Z]\b")
COMMAND = re.compile(r"flask (?:--app wallet_service )?wallet ([a-z][a-z -|]*)")
TARGET = re.compile(r"\bmake ([a-z]+)\b")
PLACEHOLDER = re.compile(r"^\| `\{\{(\w+)\}\}` \|", re.MULTILINE)
TOML_KEY = re.compile(r"`((?:colours|bar|reward)\.\w+)`")
PINNED = re.compile(r"^([A-Za-z0-9_.-]+(?:\[\w+\])?)==", re.MULTILINE)
REASON = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)
NAMED_PAGE = re.compile(r"\b([a-z][a-z-]*)\.md\b")
MENTION = re.compile(r"\b(?:pitfall|Pitfall|finding|threat list) ?\d*", re.IGNORECASE)

FILE = re.compile(r"(?!xx\.)[\w.-]+(?:/[\w.-]+)*/(?:[\w.-]+\.(?:py|json|toml|md|txt|pem))?")
CALL = re.compile(r"\$API(/[\w/]+)")
NOT_CALLS = {"/openapi.json", "/docs", "/docs.css"}

settings = ROOT / "wallet_service" / "settings.py"


@pytest.mark.parametrize("page", markdown(), ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(said(page)) if not _leads_somewhere(page, link)] == []


def test_every_setting_is_explained_and_no_other() -> None:
    read = set(VARIABLE.findall(said(settings)))
    explained = set(re.findall(r"^\| `(WALLET_[A-Z_]+)` \|", said(ROOT / "docs/settings.md"), re.MULTILINE))
    assert explained == read


def test_every_setting_that_a_page_names_exists() -> None:
    known = set(VARIABLE.findall(said(settings)))
    known |= {f"{variable}_FILE" for variable in known}
    named = {(name(page), variable) for page in markdown() for variable in VARIABLE.findall(said(page))}
    assert sorted(pair for pair in named if pair[1] not in known) == []


def test_every_command_that_a_page_names_exists() -> None:
    named = {(name(page), words) for page in markdown() for words in _commands(page)}
    assert named
    assert sorted(pair for pair in named if not _exists(wallet, pair[1].split())) == []


def test_every_file_that_a_page_names_exists() -> None:
    named = {(name(page), word) for page in markdown() for word in code_in(page) if FILE.fullmatch(word)}
    assert named
    places = (ROOT, ROOT / "wallet_service")
    assert sorted(pair for pair in named if not any((place / pair[1]).exists() for place in places)) == []


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", said(ROOT / "Makefile"), re.MULTILINE))
    named = {(name(page), each) for page in markdown() for line in code_in(page) for each in _targets(line)}
    assert sorted(pair for pair in named if pair[1] not in targets) == []


def test_every_call_of_the_api_is_shown_and_no_other(tmp_path: Path) -> None:
    shown = {_pattern(path) for path in CALL.findall(said(ROOT / "docs/api.md"))}
    rules = create_app(make_settings(tmp_path)).url_map.iter_rules()
    served = {
        _pattern(str(rule).removeprefix("/api/v1")) for rule in rules if str(rule).startswith("/api/v1/")
    }
    assert shown == served - NOT_CALLS


def test_the_list_of_placeholders_is_the_codes_own() -> None:
    assert set(PLACEHOLDER.findall(said(ROOT / "docs/templates.md"))) == placeholders.NAMES


def test_every_key_of_template_toml_is_explained() -> None:
    tables = {table: field.annotation for table, field in _File.model_fields.items()}
    known = {f"{table}.{key}" for table, kind in tables.items() for key in _keys(kind)}
    assert set(TOML_KEY.findall(said(ROOT / "docs/templates.md"))) == known


@pytest.mark.parametrize("file", ["requirements.txt", "simulators/requirements.txt", "requirements-dev.txt"])
def test_every_dependency_has_its_line_of_reason(file: str) -> None:
    reasons = dict(REASON.findall(said(ROOT / "CONTRIBUTING.md")))
    pinned = PINNED.findall(said(ROOT / file))
    assert pinned
    assert [package for package in pinned if package not in reasons] == []


def test_no_reason_is_given_for_what_is_not_installed() -> None:
    lists = (ROOT / "requirements.txt", ROOT / "simulators/requirements.txt", ROOT / "requirements-dev.txt")
    pinned = {package for path in lists for package in PINNED.findall(said(path))}
    assert sorted(set(dict(REASON.findall(said(ROOT / "CONTRIBUTING.md")))) - pinned) == []


def test_every_page_that_the_code_names_is_here() -> None:
    here = {path.stem for path in markdown()}
    found = {
        (name(path), page)
        for path, text in texts()
        if path.suffix == ".py"
        for page in NAMED_PAGE.findall(text)
        if page not in here
    }
    assert sorted(found) == []


def test_no_list_is_cited_that_a_stranger_cannot_look_up() -> None:
    found = {
        f"{name(path)}: {mention}"
        for path, text in texts()
        if path.suffix == ".py" and path.name != Path(__file__).name
        for mention in MENTION.findall(text)
        if mention[-1].isdigit() or mention.lower() == "threat list"
    }
    assert sorted(found) == []


def test_the_release_notes_have_this_release() -> None:
    version = tomllib.loads(said(ROOT / "pyproject.toml"))["project"]["version"]
    assert f"## {version}" in said(ROOT / "CHANGELOG.md")


def test_the_readme_shows_the_card_as_it_is_drawn_today() -> None:
    drawn = readme_picture.drawn()
    assert len(drawn) < 150_000
    assert readme_picture.FILE.read_bytes() == drawn, "Run: python -m tests.art.readme_picture"


def _leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith(("https://", "http://")):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if target not in files() and not (target.is_dir() and target.is_relative_to(ROOT)):
        return False
    return not anchor or anchor in _anchors(said(target))


def _anchors(text: str) -> set[str]:
    """As GitHub makes them of headings, and our own."""
    headings = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in headings} | set(ANCHOR.findall(text))


def _commands(page: Path) -> Iterator[str]:
    for line in code_in(page):
        yield from (found.strip() for found in COMMAND.findall(line))


def _exists(group: click.Group, words: list[str]) -> bool:
    """The longest way down the groups: what follows a command are its arguments."""
    if not words or words[0] not in group.commands:
        return False
    command = group.commands[words[0]]
    return not isinstance(command, click.Group) or len(words) == 1 or _exists(command, words[1:])


def _targets(line: str) -> Iterator[str]:
    if line.startswith("make "):
        yield from TARGET.findall(line.split("#")[0])


def _pattern(path: str) -> str:
    """`/cards/<card>/entries` and `/cards/1095.../entries` as one."""
    parts = path.strip("/").split("/")
    return "/" + "/".join("*" if place % 2 else part for place, part in enumerate(parts))


def _keys(kind: object) -> Iterator[str]:
    fields: dict[str, object] = getattr(kind, "model_fields", {})
    yield from fields
