"""The files of this project, as the house tests look at them."""

from __future__ import annotations

import ast
import gc
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """All that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in sorted(listed.split("\0")) if name)
    return tuple(path for path in paths if path.is_file())


def modules(*tops: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file below these folders (all of the project when none is named), parsed."""
    for path in files():
        if path.suffix == ".py" and (not tops or name(path).split("/")[0] in tops):
            yield path, _parsed(path)


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, a font


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(text: str) -> ast.Module:
    """While nothing is collected: a finalizer's complaint is written with the help of the parser, and the one
    of CPython 3.11 cannot be entered twice.
    """
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()


@cache
def _parsed(path: Path) -> ast.Module:
    return parsed(path.read_text(encoding="utf-8"))
