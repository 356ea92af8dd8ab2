"""Holds a handful of programs up together: all answer, or none is left."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
LAST_PORT = 65535
START_LIMIT = 60.0
PATIENCE = 10.0
LOOK_EVERY = 0.1
LAST_LINES = 15


class CannotRun(Exception):
    """A whole sentence for the terminal."""


@dataclass(frozen=True)
class Child:
    """Up when each of `ports` answers and the first says 200 to `health`, an address as people write it."""

    name: str
    command: Sequence[str]
    ports: Sequence[int] = ()
    health: str | None = None


@dataclass(frozen=True)
class Started:
    child: Child
    process: subprocess.Popen[bytes]
    log: Path


def check_ports(children: Sequence[Child]) -> None:
    for child in children:
        for port in child.ports:
            if not 0 < port <= LAST_PORT:
                raise CannotRun(
                    f"There is no port {port}, wanted for the {child.name}. Choose a first port below 65000."
                )
            if not _is_free(port):
                raise CannotRun(
                    f"Port {port}, wanted for the {child.name}, is taken by another program. "
                    f"Choose another first port, for example: make run PORT={port + 1000 - port % 1000}"
                )


@contextmanager
def alone_on(data: Path) -> Iterator[None]:
    """Two supervisors on one folder would each believe the database theirs. The lock dies with its holder."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise CannotRun(
                f"Another `make run` already uses {data}. "
                "Stop it, or give this one its own: make run DATA=second PORT=9000"
            ) from taken
        yield


def hold_up(
    children: Sequence[Child],
    *,
    logs: Path,
    env: Mapping[str, str],
    when_up: Callable[[], None],
    patience: float = PATIENCE,
) -> None:
    """Returns when somebody asks us to stop; raises CannotRun when a child ends by itself."""
    _let_every_stop_signal_interrupt()
    logs.mkdir(parents=True, exist_ok=True)
    started: list[Started] = []
    try:
        for child in children:
            started.append(_start(child, logs, env))
        _wait_until_all_answer(started)
        when_up()
        _wait_until_one_ends(started)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(started, patience)


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # our own last run may linger in TIME_WAIT
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _let_every_stop_signal_interrupt() -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(child: Child, logs: Path, env: Mapping[str, str]) -> Started:
    log = logs / f"{child.name.replace(' ', '-').lower()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            child.command,
            env={**env, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # the terminal's Ctrl-C is ours to pass on; and its children end with it
            preexec_fn=_end_with_us if sys.platform == "linux" else None,
        )
    return Started(child, process, log)


def _end_with_us() -> None:
    """In the child: TERM when the supervisor dies, even of `kill -9` (PR_SET_PDEATHSIG is 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _wait_until_all_answer(started: Sequence[Started]) -> None:
    deadline = time.monotonic() + START_LIMIT
    for one in started:
        while not _answers(one.child):
            _report_if_ended(started)
            if time.monotonic() > deadline:
                raise CannotRun(f"The {one.child.name} does not answer. {_last_lines(one)}")
            time.sleep(LOOK_EVERY)


def _answers(child: Child) -> bool:
    try:
        for port in child.ports:
            socket.create_connection((LOOPBACK, port), timeout=2).close()
        return child.health is None or _is_healthy(child.ports[0], child.health)
    except (OSError, HTTPException):
        return False


def _is_healthy(port: int, url: str) -> bool:
    address = urlsplit(url)
    asked = HTTPConnection(LOOPBACK, port, timeout=5)  # plain: a proxy in the environment must not be asked
    try:
        asked.request("GET", address.path, headers={"Host": address.netloc})
        return asked.getresponse().status == HTTPStatus.OK
    finally:
        asked.close()


def _wait_until_one_ends(started: Sequence[Started]) -> None:
    while True:
        _report_if_ended(started)
        time.sleep(LOOK_EVERY)


def _report_if_ended(started: Sequence[Started]) -> None:
    for one in started:
        code = one.process.poll()
        if code is not None:
            raise CannotRun(f"The {one.child.name} ended by itself (exit code {code}). {_last_lines(one)}")


def _last_lines(one: Started) -> str:
    lines = one.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return "\n  ".join([f"The last lines of {one.log}:", *lines]) if lines else f"{one.log} is empty."


def _stop(started: Sequence[Started], patience: float) -> None:
    """TERM to each with all its own children; KILL to what is left when our patience ends."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    for one in started:
        _signal_group(one, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(_group_lives(one) for one in started) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY / 2)
    for one in started:
        _signal_group(one, signal.SIGKILL)
        one.process.wait()


def _group_lives(one: Started) -> bool:
    one.process.poll()  # a dead leader that nobody waited for still counts as its group
    return _signal_group(one, 0)


def _signal_group(one: Started, number: int) -> bool:
    try:
        os.killpg(one.process.pid, number)
    except ProcessLookupError:
        return False
    return True
