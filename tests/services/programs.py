"""Other people's programs, started for the tests and ended with them."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Missing(Exception):
    """A program that the tests need is not on this machine: an error, never a skip."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is missing. `make test` installs it; by hand: apt-get install {package}")


def find(program: str, package: str, also_in: Sequence[Path] = ()) -> Path:
    places = ":".join(str(place) for place in also_in)
    found = shutil.which(program) or shutil.which(program, path=places)
    if found is None:
        raise Missing(program, package)
    return Path(found)


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    ready: Callable[[], bool],
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Hold `command` up, from the moment it is `ready`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_us,
            env=env,
            **account(user),
        )
    try:
        _wait(process, ready, log)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL calls this a fast shutdown
        process.wait(timeout=20)


def die_with_us() -> None:
    """Even `kill -9` of the tests leaves no server behind (Linux; elsewhere the call does not exist)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(1, signal.SIGINT)  # 1 is PR_SET_PDEATHSIG


def account(user: str | None) -> dict[str, Any]:
    """What `subprocess` needs to become somebody else."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 90  # a busy machine starts things slowly
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
