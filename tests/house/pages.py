"""The documents of this project, as the house tests read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.house.tree import ROOT, files, name

ROW = re.compile(r'\| <a id="(?P<anchor>[a-z]\d+)"></a>(?P<item>[A-Z]\d+) \| (?P<rest>.+) \|')
TEST = re.compile(r"`(test_\w+)`")
SPAN = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """A row of a table: its tests are in the last column."""

    name: str
    anchor: str
    page: str
    tests: tuple[str, ...]
    says: str


@cache
def items() -> tuple[Item, ...]:
    return tuple(_items())


def _items() -> Iterator[Item]:
    for page in ("docs/conformance.md", "docs/security.md"):
        for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
            if row := ROW.fullmatch(line):
                *says, shown = row["rest"].split(" | ")
                yield Item(row["item"], row["anchor"], page, tuple(TEST.findall(shown)), " | ".join(says))


@cache
def markdown() -> tuple[Path, ...]:
    return tuple(path for path in files() if path.suffix == ".md" and not name(path).startswith("tests/"))


def said(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_in(path: Path) -> Iterator[str]:
    """What stands in backticks or in fenced blocks, line by line."""
    text = said(path)
    for block in FENCED.findall(text):
        yield from block.splitlines()
    yield from SPAN.findall(FENCED.sub("", text))
