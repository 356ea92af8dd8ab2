"""How the files of this project look, wherever they lie."""

from __future__ import annotations

import ast
import re

from tests.house.tree import modules, name, texts

UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|HA" r"CK)\b")
PRIVATE_PATHS = re.compile(r"(?<![\w.-])/wor" r"k/|\.\./shar" r"ed\b|/home/\w+/|/Us" r"ers/\w+/")
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}
CLOCKLESS = ("wallet_service/domain/", "wallet_service/actions/")


def test_every_module_opens_with_a_sentence_of_what_happens_in_it() -> None:
    assert [name(path) for path, tree in modules() if tree.body and not ast.get_docstring(tree)] == []


def test_nothing_is_left_for_later() -> None:
    assert _lines_with(UNFINISHED) == []


def test_no_path_of_somebodys_own_machine() -> None:
    assert _lines_with(PRIVATE_PATHS) == []


def test_the_time_is_passed_in_and_never_read_by_the_core() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in modules("wallet_service")
        if name(path).startswith(CLOCKLESS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _reads_a_clock(node.func)
    ]
    assert found == []


def _reads_a_clock(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr in CLOCKS
        and isinstance(called.value, ast.Name | ast.Attribute)
        and getattr(called.value, "attr", getattr(called.value, "id", "")) in {"datetime", "date", "time"}
    )


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name(path)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
