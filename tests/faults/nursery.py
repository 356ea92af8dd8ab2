"""Where the processes of a faulty town are born: forked from one that has imported everything, so that two
hundred of them can be killed and started again within a minute or two.

`python -m tests.faults.nursery` reads one wish a line and answers the child's pid. It takes everybody along
when it ends, and it ends with whoever started it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import multiprocessing
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

ROOT = Path(__file__).resolve().parent.parent.parent
DEATH_SIGNAL, SUBREAPER = 1, 36  # of prctl(2)
LONGEST_GOODBYE = 20.0


@dataclass(frozen=True)
class Born:
    """A process and all its children: the group has the number of its leader."""

    pid: int
    log: Path

    def kill(self) -> None:
        """As when the power goes: no handler runs, nothing is written. Returns when all of them are gone."""
        self.send(signal.SIGKILL)
        self.wait()

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    @property
    def lives(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait(self, seconds: float = LONGEST_GOODBYE) -> float:
        """How long it took until nobody of the group was left."""
        began = time.monotonic()
        while self.lives:
            if time.monotonic() - began > seconds:
                raise AssertionError(f"{self.log.stem} still lives after {seconds:.0f} s")
            time.sleep(0.005)
        return time.monotonic() - began

    def members(self) -> list[int]:
        """Every process of the group."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.pid:
                    found.append(int(stat.parent.name))
        return found


class Nursery:
    """`start` calls a function, `module:name`, with these words as its command line, in this environment. Who
    forks shares it, and knows only its own.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        self._lock = multiprocessing.get_context("fork").Lock()
        self._born: list[Born] = []
        self._answer()

    def start(
        self, call: str, words: Sequence[object], env: Mapping[str, str], log: Path, **more: str
    ) -> Born:
        """`call` "exec" runs another program; `user` becomes somebody else first, `cwd` goes elsewhere."""
        wish = {"call": call, "words": [str(word) for word in words], "env": dict(env), "log": str(log)}
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(wish | more) + "\n")
            self._process.stdin.flush()
            born = Born(int(self._answer()), log)
            self._born.append(born)
        return born

    def clear(self) -> None:
        """Nobody survives, whatever state they are in; says so if somebody does."""
        for born in self._born:
            born.send(signal.SIGKILL)
        for born in self._born:
            born.wait()

    def close(self) -> None:
        self.clear()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(LONGEST_GOODBYE)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        if not said:
            raise RuntimeError("the nursery ended by itself")
        return said


def _serve() -> None:
    _prctl(SUBREAPER, 1)  # the children of a killed leader become ours, and nobody stays a zombie
    _prctl(DEATH_SIGNAL, signal.SIGTERM)
    signal.signal(signal.SIGTERM, _leave)
    _import_everything()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _say("ready")
    try:
        for line in sys.stdin:
            _say(str(_bear(json.loads(line))))
    finally:
        _take_along()


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit


def _take_along() -> None:
    """Ours, and theirs, who become ours."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while children := _children():
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _children() -> list[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in found]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _import_everything() -> None:
    """Nothing is opened and no thread is begun by it, or the children would share it. What is there by now
    stays: who looks for garbage among it has every page of it copied.
    """

    import granian.cli
    import granian.server.mp  # noqa: F401

    import wallet_service.cli.commands
    import wallet_service.wiring  # noqa: F401

    configure_mappers()
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()


def _bear(wish: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        return pid
    try:
        _live(wish)
        os._exit(0)
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:  # noqa: BLE001 - whatever it is stands in its log
        traceback.print_exc()
        os._exit(1)


def _live(wish: Mapping[str, Any]) -> None:
    os.setpgid(0, 0)
    _prctl(DEATH_SIGNAL, signal.SIGKILL)
    os.register_at_fork(after_in_child=lambda: _prctl(DEATH_SIGNAL, signal.SIGKILL))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(wish["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for found, wanted in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(found, wanted)
    os.environ.clear()
    os.environ.update(wish["env"])
    os.chdir(wish.get("cwd", ROOT))
    if user := wish.get("user"):
        known = pwd.getpwnam(user)
        os.setgid(known.pw_gid)
        os.setuid(known.pw_uid)
    words: list[str] = wish["words"]
    if wish["call"] == "exec":
        os.execv(words[0], words)
    module, _, name = wish["call"].partition(":")
    sys.argv = [module, *words]
    getattr(importlib.import_module(module), name)()
    sys.stdout.flush()


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value)


if __name__ == "__main__":
    _serve()
