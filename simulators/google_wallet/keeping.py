"""Keeps the shelf, the phone and the root key in a folder, so that a restart finds them again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVERY = 1.0
SHARE = 20


class Keeper:
    """Writes whole and then renames, at most once a second and a twentieth of the time."""

    def __init__(self, folder: Path, record: Callable[[], dict[str, Any]]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._record = folder / "wallet.json", record
        self._dirty, self._over = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._go_on, daemon=True).start()

    def load(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        kept: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
        return kept

    def mark(self) -> None:
        self._dirty.set()

    def _go_on(self) -> None:
        took = 0.0
        while not self._over.is_set():
            self._dirty.wait()
            self._over.wait(max(EVERY, SHARE * took))
            started = time.monotonic()
            self._write()
            took = time.monotonic() - started

    def _write(self) -> None:
        with self._lock:
            self._dirty.clear()
            draft = self._path.with_suffix(".draft")
            draft.touch(mode=0o600)  # the root key is in it
            draft.write_text(json.dumps(self._record(), ensure_ascii=False), encoding="utf-8")
            draft.replace(self._path)

    def stop(self) -> None:
        """Written by now, even if the other thread was about to."""
        self._over.set()
        self._write()
        self._dirty.set()
