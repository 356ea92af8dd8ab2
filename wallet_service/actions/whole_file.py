"""A small file is written so that nobody ever reads half of it, nor finds it gone after the power was."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    private(beside).write_text(text, encoding="utf-8")
    put(beside, path)


def put(ready: Path, to: Path) -> None:
    """Has its name only once it is on the disk."""
    keep(ready)
    ready.replace(to)
    keep(to.parent)


def private(path: Path) -> Path:
    """Made before anything is written to it, so that nobody else ever reads it."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    return path


def keep(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
