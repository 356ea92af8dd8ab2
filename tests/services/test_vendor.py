"""What we serve of other people is what they published, to the byte; `make vendor` brings it or says why."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.services import vendor

READER = b"reads codes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One package of one file, as an npm that knows nothing else would hand it out."""
    inside = tmp_path / "reader.js"
    inside.write_bytes(READER)
    with tarfile.open(tmp_path / "reader-1.0.0.tgz", "w:gz") as archive:
        archive.add(inside, "package/dist/reader.js")
    _program(tmp_path / "programs/npm", f'/bin/cp "{tmp_path}/reader-1.0.0.tgz" .')
    _origin(tmp_path, READER)
    return tmp_path


def test_what_is_missing_is_fetched_and_what_is_there_is_left_alone(folder: Path) -> None:
    assert _vendor(folder).stdout == "reader 1.0.0: fetched\n"
    assert (folder / "vendor/reader/lib/reader.js").read_bytes() == READER
    _program(folder / "programs/npm", "exit 1")
    assert _vendor(folder).stdout == "reader 1.0.0: all here\n"


def test_a_file_that_was_changed_is_fetched_again(folder: Path) -> None:
    _vendor(folder)
    (folder / "vendor/reader/lib/reader.js").write_bytes(b"reads along")
    assert _vendor(folder).stdout == "reader 1.0.0: fetched\n"
    assert (folder / "vendor/reader/lib/reader.js").read_bytes() == READER


def test_a_package_with_other_bytes_is_not_taken(folder: Path) -> None:
    _origin(folder, b"reads something else")
    told = _vendor(folder)
    assert told.returncode == 1
    assert told.stderr == "lib/reader.js is not what its checksum says; nothing was written.\n"
    assert not (folder / "vendor/reader/lib").exists()


def test_without_npm_a_sentence_says_what_to_install(folder: Path) -> None:
    (folder / "programs/npm").unlink()
    told = _vendor(folder)
    assert told.returncode == 1
    assert told.stderr == "There is no npm here, and reader 1.0.0 has to be fetched. Install npm first.\n"


def test_what_npm_says_is_passed_on(folder: Path) -> None:
    _program(folder / "programs/npm", "echo npm error code E >&2; echo npm error no such >&2; exit 1")
    assert _vendor(folder).stderr == "npm could not fetch reader 1.0.0. It says: no such\n"


def test_all_that_we_ship_is_as_it_was_published() -> None:
    shipped = list(vendor.origins(vendor.VENDOR))
    assert [origin.package for origin in shipped] == ["zxing-wasm"]
    assert [file for origin in shipped for file in vendor.wrong(origin)] == []
    for origin in shipped:
        kept = {file.relative_to(origin.folder).as_posix() for file in origin.folder.rglob("*.*")}
        assert kept == {*origin.sha256s, "README.md", "origin.toml"} - {"LICENSE"}


def _origin(folder: Path, reader: bytes) -> None:
    place = folder / "vendor/reader"
    place.mkdir(parents=True, exist_ok=True)
    package = hashlib.sha256((folder / "reader-1.0.0.tgz").read_bytes()).hexdigest()
    (place / "origin.toml").write_text(
        f'package = "reader"\nversion = "1.0.0"\nsha256 = "{package}"\n'
        '[files]\n"lib/reader.js" = "dist/reader.js"\n'
        f'[sha256s]\n"lib/reader.js" = "{hashlib.sha256(reader).hexdigest()}"\n'
    )


def _vendor(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.services.vendor", str(folder / "vendor")]
    env = {**os.environ, "PATH": str(folder / "programs")}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def _program(path: Path, does: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
