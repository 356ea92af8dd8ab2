"""Each item of docs/conformance.md and docs/security.md has its test, and each such test has its item."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from tests.house.pages import items
from tests.house.tree import modules, name, parsed, texts

CARRIES = re.compile(r"test_((?:[A-Z]\d+_)+)")  # one item or more
CITED = re.compile(r"\b([BPILWTMNDSFZ]\d{1,2})\b(?!\.\d)")
Z1 = "Z1"  # stands below the tables: it says why something is not there


def _numbers(letter: str, *ranges: range | int) -> list[str]:
    found = [number for each in ranges for number in ([each] if isinstance(each, int) else each)]
    return [f"{letter}{number}" for number in found]


TO_BE_SHOWN = [
    *_numbers("B", range(1, 18)),
    *_numbers("P", range(1, 17), 18, 20, 23, 25, 26, 27),
    *_numbers("I", range(1, 9)),
    *_numbers("L", range(1, 6)),
    *_numbers("W", range(1, 31)),
    *_numbers("T", range(1, 10)),
    *_numbers("M", range(1, 7)),
    *_numbers("N", range(1, 21)),
    *_numbers("D", range(1, 13)),
    *_numbers("G", range(1, 31), range(32, 37)),
    *_numbers("S", range(1, 6), range(7, 13), range(14, 26), 27, 28, 29, 32, 26, 30, 31),
]


@pytest.mark.parametrize("item", TO_BE_SHOWN)
def test_the_item_has_a_row_that_names_a_test_of_its_own(item: str) -> None:
    rows = [row for row in items() if row.name == item]
    assert rows, f"{item} has no row."
    assert any(item in _carried(test) for test in rows[0].tests), f"{item} names no test_{item}_..."


def test_every_named_test_exists() -> None:
    assert [f"{row.name}: {test}" for row in items() for test in row.tests if test not in _tests()] == []


def test_every_test_that_carries_an_item_has_its_row() -> None:
    rows = {row.name for row in items()}
    assert sorted(test for test in _tests() if not _carried(test) <= rows) == []


def test_every_item_that_the_code_cites_has_its_row() -> None:
    rows = {row.name for row in items()} | {Z1}
    assert sorted({f"{place}: {item}" for place, item in _citations() if item not in rows}) == []


def test_each_item_has_one_row_and_an_anchor_of_its_name() -> None:
    assert [item for item, count in Counter(row.name for row in items()).items() if count > 1] == []
    assert [row.name for row in items() if row.anchor != row.name.lower()] == []


def test_each_item_is_said_in_a_sentence() -> None:
    said = {row.name: row.says.split(" | ")[0] for row in items()}
    assert [item for item, text in said.items() if len(text) < 20 or not text.endswith(".")] == []


def _carried(test: str) -> set[str]:
    found = CARRIES.match(test)
    return set(found[1].rstrip("_").split("_")) if found else set()


@cache
def _tests() -> frozenset[str]:
    return frozenset(
        node.name
        for _, tree in modules("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def _citations() -> Iterator[tuple[str, str]]:
    """From comments and docstrings, where the code speaks to its reader."""
    for path, text in texts():
        of_ours = path.suffix == ".py" and name(path).startswith(("wallet_service/", "simulators/"))
        if of_ours and CITED.search(text):
            for remark in (*_comments(text), *_docstrings(parsed(text))):
                yield from ((name(path), item) for item in CITED.findall(remark))


def _comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and "noqa" not in token.string:
            yield token.string


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
