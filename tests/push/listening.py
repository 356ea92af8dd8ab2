"""A worker that does nothing but touch a file when it is woken: `python listening.py URL FILE`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from wallet_service.push.queue import Queue


class Ear:
    def __init__(self, file: Path) -> None:
        self._file, self._stopped = file, threading.Event()

    def run(self) -> None:
        self._stopped.wait()

    def wake(self) -> None:
        self._file.touch()

    def stop(self) -> None:
        self._stopped.set()


if __name__ == "__main__":
    Queue(sys.argv[1]).serve([Ear(Path(sys.argv[2]))])  # type: ignore[list-item]
