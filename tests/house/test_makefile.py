"""What a newcomer meets first: the list of commands, and a sentence when the machine lacks something."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

INSTALL = ROOT / "tests/services/install"


def test_plain_make_lists_each_command_in_one_line() -> None:
    listed = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    words = [line.split()[1] for line in listed.splitlines() if line.startswith("make ")]
    assert {"run", "test", "bench", "check", "clean"} <= set(words)


@pytest.mark.parametrize("version", ["missing", "old"])
def test_a_python_that_will_not_do_is_named(tmp_path: Path, version: str) -> None:
    python = tmp_path / "python"
    if version == "old":
        _program(python, "exit 1")
    venv = tmp_path / "venv"
    command = ["make", "-C", str(ROOT), f"PYTHON={python}", f"VENV={venv}", f"{venv}/made"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert "Python 3.11" in told.stderr
    assert "make PYTHON=python3.12" in told.stderr


def test_what_is_there_is_not_installed_again(tmp_path: Path) -> None:
    for program in ("initdb", "redis-server"):
        _program(tmp_path / program, "exit 0")
    _program(tmp_path / "apt-get", "echo called >&2; exit 1")
    assert _install(tmp_path, "postgresql", "redis").returncode == 0


def test_what_is_missing_is_installed(tmp_path: Path) -> None:
    _program(tmp_path / "apt-get", f'echo "$@" >> {tmp_path}/asked')
    _program(tmp_path / "id", "echo 0")
    assert _install(tmp_path, "redis", "nghttp2").stdout == "Installing redis-server nghttp2\n"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["update", "install --yes --no-install-recommends redis-server nghttp2"]


def test_without_the_right_to_install_the_packages_are_named(tmp_path: Path) -> None:
    _program(tmp_path / "apt-get", "exit 1")
    _program(tmp_path / "id", "echo 1000")
    _program(tmp_path / "sudo", "exit 1")
    told = _install(tmp_path, "redis", "nghttp2")
    assert told.returncode == 1
    assert "sudo apt-get install redis-server nghttp2" in told.stderr


def test_without_apt_the_packages_are_named(tmp_path: Path) -> None:
    told = _install(tmp_path, "redis")
    assert told.returncode == 1
    assert "redis-server" in told.stderr


def _program(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def _install(programs: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """On a machine where nothing is installed but these programs and a shell's own tools."""
    for tool in ("cat", "env", "mktemp", "rm", "sh"):
        (programs / tool).symlink_to(_where(tool))
    return subprocess.run(
        ["/bin/bash", INSTALL, *names],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


def _where(tool: str) -> Path:
    return next(found for place in os.get_exec_path() if (found := Path(place) / tool).exists())
