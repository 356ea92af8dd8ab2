"""Opens the zip and compares every file with the manifest, before anything inside is believed."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping

from simulators.iphone.refusal import Refused

BIGGEST = 20_000_000
MOST_FILES = 300
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
UNHASHED = {"manifest.json", "signature"}
REQUIRED = ("pass.json", "manifest.json", "signature")


def open_archive(data: bytes) -> dict[str, bytes]:
    """The files of the bundle by name; refuses what a phone cannot or must not unpack (B1, B2)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            files = {entry.filename: archive.read(entry) for entry in entries if not entry.is_dir()}
    except BROKEN as error:
        raise Refused("B1", f"The file is not a readable zip archive: {error}.") from error
    _check_complete(files)
    return files


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > BIGGEST:
        raise Refused("B2", "The archive is far too big for a pass.")
    names = [entry.filename for entry in entries]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Refused("B1", f"The archive holds {min(twice)} twice.")
    for entry in entries:
        _check_name(entry.orig_filename)
        _check_packing(entry)


def _check_name(name: str) -> None:
    parts = name.rstrip("/").split("/")
    if "\\" in name or "\0" in name:
        raise Refused("B2", f"The entry {name!r} uses backslashes or a zero byte in its name.")
    if name.startswith("/") or ".." in parts or "" in parts or ":" in parts[0]:
        raise Refused("B1", f"The entry {name!r} points outside the bundle.")
    if parts[0] == "__MACOSX" or parts[-1] == ".DS_Store":
        raise Refused("B1", f"The entry {name!r} is litter of the Finder.")
    if len(parts) > 2 or (len(parts) == 2 and not parts[0].endswith(".lproj")):
        raise Refused("B1", f"The entry {name!r} lies in a folder that no pass has.")


def _check_packing(entry: zipfile.ZipInfo) -> None:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("B2", f"The entry {entry.filename!r} is neither stored nor deflated.")
    if entry.flag_bits & 0x1:
        raise Refused("B2", f"The entry {entry.filename!r} is encrypted.")


def _check_complete(files: Mapping[str, bytes]) -> None:
    for name in REQUIRED:
        if name not in files:
            raise Refused("B1", f"The bundle has no {name} at its root.")


def check_manifest(files: Mapping[str, bytes]) -> None:
    """Every file but manifest and signature is listed with its SHA-1, and nothing else is (B3)."""
    manifest = _read_manifest(files["manifest.json"])
    hashed = {name for name in files if name not in UNHASHED}
    for name in sorted(manifest.keys() - hashed):
        raise Refused("B3", f"manifest.json lists {name}, which the bundle does not hold.")
    for name in sorted(hashed - manifest.keys()):
        raise Refused("B3", f"The bundle holds {name}, which manifest.json does not list.")
    for name in sorted(hashed):
        if manifest[name] != hashlib.sha1(files[name], usedforsecurity=False).hexdigest():
            raise Refused("B3", f"The SHA-1 of {name} is not the one in manifest.json.")


def _read_manifest(data: bytes) -> dict[str, str]:
    try:
        manifest = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise Refused("B3", "manifest.json is not JSON in UTF-8.") from error
    if not isinstance(manifest, dict) or not all(isinstance(value, str) for value in manifest.values()):
        raise Refused("B3", "manifest.json is not an object of names and digests.")
    return manifest
