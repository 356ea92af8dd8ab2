"""Fetches the parts of other people that we serve ourselves, by their npm packages, and checks every byte."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "wallet_service/web/static/vendor"


class CannotVendor(Exception):
    """One sentence for whoever typed the command."""


@dataclass(frozen=True)
class Origin:
    """`files` are those we keep, by where they lie in the package; `sha256s` what each must be."""

    folder: Path
    package: str
    version: str
    sha256: str
    files: dict[str, str]
    sha256s: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.package} {self.version}"


def main(vendor: Path) -> None:
    try:
        for origin in origins(vendor):
            sys.stdout.write(f"{origin.name}: {bring(origin)}\n")
    except CannotVendor as problem:
        raise SystemExit(str(problem)) from problem


def origins(vendor: Path) -> Iterator[Origin]:
    for file in sorted(vendor.glob("*/origin.toml")):
        yield Origin(file.parent, **tomllib.loads(file.read_text(encoding="utf-8")))


def bring(origin: Origin) -> str:
    """Nothing is written unless all of it is what the checksums say."""
    if not wrong(origin):
        return "all here"
    with tempfile.TemporaryDirectory() as folder:
        packed = _fetched(origin, Path(folder))
        _require(packed.name, packed.read_bytes(), origin.sha256)
        found = dict(_unpacked(origin, packed))
    for name, content in found.items():
        _require(name, content, origin.sha256s[name])
    for name, content in found.items():
        (origin.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (origin.folder / name).write_bytes(content)
    return "fetched"


def wrong(origin: Origin) -> list[str]:
    """The files that are missing, or not what they should be."""
    return [name for name, wanted in origin.sha256s.items() if _digest_of(origin.folder / name) != wanted]


def _digest_of(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _fetched(origin: Origin, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotVendor(f"There is no npm here, and {origin.name} has to be fetched. Install npm first.")
    command = [npm, "pack", f"{origin.package}@{origin.version}", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    packed = next(folder.glob("*.tgz"), None)
    if done.returncode or packed is None:
        raise CannotVendor(f"npm could not fetch {origin.name}. It says: {_sentence(done.stderr)}")
    return packed


def _sentence(said: str) -> str:
    """Its second line is the sentence; the first is a code."""
    lines = [line.removeprefix("npm error ") for line in said.splitlines() if line.startswith("npm error ")]
    return next((line for line in lines if not line.startswith("code ")), "nothing.")


def _unpacked(origin: Origin, packed: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(packed) as archive:
        for name, there in origin.files.items():
            yield name, _member(archive, f"package/{there}")


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        found = archive.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise CannotVendor(f"The package holds no {name}.")
    return found.read()


def _require(name: str, content: bytes, wanted: str) -> None:
    if hashlib.sha256(content).hexdigest() != wanted:
        raise CannotVendor(f"{name} is not what its checksum says; nothing was written.")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else VENDOR)
