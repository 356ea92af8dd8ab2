"""`make run`: together up, together down, and a sentence for everything that stands in the way."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.ports import LOOPBACK, free_ports
from wallet_service.cli.run import Ports, children, no_proxy, with_google
from wallet_service.cli.supervisor import CannotRun, Child, alone_on, check_ports
from wallet_service.settings import Settings, from_environment

SUPERVISOR = """
import os, sys
from pathlib import Path
from wallet_service.cli.supervisor import CannotRun, Child, hold_up

codes = enumerate(sys.argv[2:])
children = [Child(f"child {number}", [sys.executable, "-c", code]) for number, code in codes]
try:
    up = lambda: print("up", flush=True)
    hold_up(children, logs=Path(sys.argv[1]), env=os.environ, when_up=up, patience=1)
except CannotRun as problem:
    sys.exit(str(problem))
"""
# A child tells its process id, and that of a child of its own, in its log.
SLEEPER = "import os, time; print(os.getpid()); time.sleep(600)"
PARENT = "import os, time; os.fork(); print(os.getpid(), flush=True); time.sleep(600)"
DEAF = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid()); time.sleep(600)"
DYING = "import sys, time; time.sleep(0.3); print('no coffee left'); sys.exit(3)"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def _start(*codes: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), *codes]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield _start
    for process in running:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_its_kin_leave_no_process(start: Start, tmp_path: Path, how: signal.Signals) -> None:
    supervisor = start(SLEEPER, PARENT)
    told = _told(tmp_path, 3)
    supervisor.send_signal(how)
    out, err = supervisor.communicate(timeout=10)
    assert (supervisor.returncode, out, err) == (0, "up\n", "")
    assert not any(map(_lives, told))


def test_kill_9_of_the_supervisor_leaves_no_process(start: Start, tmp_path: Path) -> None:
    supervisor = start(SLEEPER, SLEEPER)
    told = _told(tmp_path, 2)
    supervisor.kill()
    supervisor.communicate(timeout=10)
    _wait_until(lambda: not any(map(_lives, told)))


def test_a_child_that_dies_is_named_with_its_last_words_and_the_others_stop(
    start: Start, tmp_path: Path
) -> None:
    supervisor = start(SLEEPER, DYING)
    _, err = supervisor.communicate(timeout=10)
    assert supervisor.returncode == 1
    assert err.startswith("The child 1 ended by itself (exit code 3).")
    assert "no coffee left" in err
    assert not any(map(_lives, _told(tmp_path, 1)))


def test_a_child_that_does_not_listen_is_killed(start: Start, tmp_path: Path) -> None:
    supervisor = start(DEAF)
    told = _told(tmp_path, 1)
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=20)
    assert not any(map(_lives, told))


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            CannotRun, match=rf"Port {port}, wanted for the phone, is taken .* make run PORT="
        ):
            check_ports([Child("phone", [], (port,))])


@pytest.mark.parametrize("port", [0, -1, 65536, 80000])
def test_a_port_that_no_machine_has_is_refused(port: int) -> None:
    with pytest.raises(CannotRun, match=f"There is no port {port}, wanted for the phone"):
        check_ports([Child("phone", [], (port,))])


def test_two_runs_on_one_folder_are_refused_and_the_folder_is_free_again_after(tmp_path: Path) -> None:
    with alone_on(tmp_path), pytest.raises(CannotRun, match="DATA="), alone_on(tmp_path):
        pass
    with alone_on(tmp_path):
        pass


def test_a_second_run_beside_the_first_shares_no_port(tmp_path: Path) -> None:
    first, second = (
        _ports_of(children(Ports(web), {}, with_google(Ports(web), {"WALLET_DATA_DIR": str(tmp_path)})))
        for web in (8000, 8010)
    )
    assert first == {8000, 8001, 8002, 8003, 8004}
    assert not first & second


def test_a_proxy_does_not_stand_between_our_own_programs() -> None:
    assert no_proxy({"NO_PROXY": "intranet"})["no_proxy"] == "intranet,localhost,127.0.0.1"


def test_an_outside_address_replaces_its_simulator(tmp_path: Path) -> None:
    given = {"WALLET_APNS_URL": "https://api.push.apple.com"}
    names = [child.name for child in children(Ports(free_ports(5)), given, _settings(tmp_path))]
    assert names == ["web service", "worker", "phone"]


def _settings(folder: Path) -> Settings:
    return from_environment({"WALLET_DATA_DIR": str(folder)})


def _ports_of(started: list[Child]) -> set[int]:
    return {port for child in started for port in child.ports}


def _told(logs: Path, count: int) -> list[int]:
    """The process ids in the logs, once all are there and the supervisor said that all is up."""

    def told() -> list[int]:
        return [int(line) for log in logs.glob("*.log") for line in log.read_text().split() if line.isdigit()]

    _wait_until(lambda: len(told()) >= count)
    return told()


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "It did not happen within ten seconds."
        time.sleep(0.02)
