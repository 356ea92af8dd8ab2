"""What a reader of the code can hold against us before it runs: S1, S3, S26."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.tree import modules, name, texts

SECRET = {"hmac", "passphrase", "password", "pin", "secret", "signature", "token", "tokens"}
ADDRESS = {
    "push",
    "lease",
    "page",
}  # a push token is an address, a lease token a mark: neither opens anything
NO_GUESS = {"office_pin == pin"}  # both just made by ourselves: nobody is guessing
UNPACKS_CODE = {"cloudpickle", "dill", "marshal", "pickle", "shelve"}
KEY_FILES = (".key", ".p12", ".pfx", ".p8", ".jks", ".kdbx")
KEY_TEXT = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=]{32,}")


def test_S3_no_secret_is_compared_with_equals() -> None:
    found = [
        f"{name(path)}:{line}"
        for path, tree in modules("wallet_service")
        for line in _plain_comparisons(tree)
    ]
    assert found == [], "Use hmac.compare_digest on bytes."


@pytest.mark.parametrize(
    "written",
    ["token == given", "card.auth_token != given", "form['pin'] == row.x", "x == hashed.token_digest"],
)
def test_S3_a_comparison_that_leaks_time_is_seen(written: str) -> None:
    assert list(_plain_comparisons(ast.parse(written))) == [1]


@pytest.mark.parametrize(
    "written",
    ["token == ''", "len(token) == 3", "Page.token == token", "row.push_token != token", "shipping == 1"],
)
def test_S3_other_comparisons_pass(written: str) -> None:
    assert list(_plain_comparisons(ast.parse(written))) == []


def test_S26_nothing_unpacks_code_from_data() -> None:
    found = [
        f"{name(path)}: {module}"
        for path, tree in modules("wallet_service", "simulators")
        for module in _imports(tree)
        if module.split(".")[0] in UNPACKS_CODE
    ]
    assert found == []


def test_S1_no_private_key_lies_in_the_repository() -> None:
    found = [name(path) for path, text in texts() if path.suffix in KEY_FILES or KEY_TEXT.search(text)]
    assert found == []


def _plain_comparisons(tree: ast.AST) -> Iterator[int]:
    """Lines with == or != on a secret; not against a literal, and not the columns of a query."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = [node.left, *node.comparators]
            if any(map(_is_secret, sides)) and not _is_allowed(node, sides):
                yield node.lineno


def _is_secret(side: ast.expr) -> bool:
    return bool(SECRET & _words(side))


def _is_allowed(node: ast.Compare, sides: list[ast.expr]) -> bool:
    return ast.unparse(node) in NO_GUESS or any(map(_is_harmless, sides))


def _is_harmless(side: ast.expr) -> bool:
    column = (
        isinstance(side, ast.Attribute) and isinstance(side.value, ast.Name) and side.value.id[:1].isupper()
    )
    return isinstance(side, ast.Constant) or column or bool(ADDRESS & _words(side))


def _words(side: ast.expr) -> set[str]:
    if isinstance(side, ast.Subscript):
        return _words(side.slice)
    said = side.value if isinstance(side, ast.Constant) else getattr(side, "attr", getattr(side, "id", ""))
    return set(str(said).lower().split("_"))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
