"""The rooms stand in a row and import only to their left (design.md)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, modules, name

ROW = ["domain", "db art", "push", "actions", "apple google", "api web"]
PLACE = {room: place for place, rooms in enumerate(ROW) for room in rooms.split()}
WIRES = ("wiring", "cli", "")  # may import all; "" is wallet_service/__init__.py
BESIDE = ("settings", "metrics")  # import nothing of ours
NOT_PURE = """
    asyncio http multiprocessing os pathlib random shutil socket sqlite3 ssl subprocess
    tempfile threading time urllib
"""


def test_rooms_import_only_to_their_left() -> None:
    assert [f"{name(path)}: {other}" for path, other in _ours() if not _may(_room(path), other)] == []


def test_the_domain_stands_on_the_standard_library_and_babel_alone() -> None:
    allowed = (set(sys.stdlib_module_names) | {"babel", "wallet_service"}) - set(NOT_PURE.split())
    used = [(path, other) for path, tree in modules("wallet_service") for other in _imported(path, tree)]
    top = [(path, other.split(".")[0]) for path, other in used if _room(path) == "domain"]
    assert [f"{name(path)}: {other}" for path, other in top if other not in allowed] == []


def test_the_simulators_know_nothing_of_the_service() -> None:
    used = [(path, other) for path, tree in modules("simulators") for other in _imported(path, tree)]
    assert [name(path) for path, other in used if other.split(".")[0] == "wallet_service"] == []


@pytest.mark.parametrize(
    "pair",
    [
        "domain db",
        "db art",
        "apple google",
        "settings domain",
        "domain settings",
        "web wiring",
        "art push",
        "metrics db",
        "domain metrics",
    ],
)
def test_a_room_may_not_import_to_its_right_or_beside_it(pair: str) -> None:
    assert not _may(*pair.split())


@pytest.mark.parametrize(
    "pair", ["web apple", "apple actions", "db domain", "push settings", "cli web", "db metrics"]
)
def test_a_room_may_import_to_its_left(pair: str) -> None:
    assert _may(*pair.split())


def test_every_way_to_write_an_import_is_seen() -> None:
    written = (
        "from ..web import pages\nfrom . import queries\nfrom wallet_service import push\nimport os.path"
    )
    found = _imported(ROOT / "wallet_service/db/tables.py", ast.parse(written))
    assert [other.split(".")[:2] for other in found] == [
        ["wallet_service", "web"],
        ["wallet_service", "db"],
        ["wallet_service", "push"],
        ["os", "path"],
    ]


def _may(room: str, other: str) -> bool:
    if room in WIRES or room == other:
        return True
    if other in BESIDE:
        return room != "domain"
    return room in PLACE and other in PLACE and PLACE[other] < PLACE[room]


def _ours() -> Iterator[tuple[Path, str]]:
    for path, tree in modules("wallet_service"):
        for other in _imported(path, tree):
            if other.split(".")[0] == "wallet_service":
                yield path, [*other.split("."), ""][1]


def _room(path: Path) -> str:
    return name(path).removesuffix("__init__.py").removesuffix(".py").split("/")[1]


def _imported(path: Path, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{_source(path, node)}.{alias.name}" for alias in node.names)


def _source(path: Path, node: ast.ImportFrom) -> str:
    package = name(path).split("/")[: -node.level] if node.level else []
    return ".".join([*package, *([node.module] if node.module else [])])
