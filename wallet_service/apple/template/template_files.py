"""The files of a pass template, out of a folder or a zip, read into memory and never unpacked to disk."""

from __future__ import annotations

import stat
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from wallet_service.apple.template.template_fault import BadTemplate, Fault
from wallet_service.apple.template.zip_directory import DirectoryFault, require_small_directory

# S16: a template of ours has about 25 files and 200 KB.
MOST_ENTRIES = 60
MOST_BYTES_EACH = 10_000_000
MOST_BYTES = 30_000_000
MOST_RATIO = 100
RATIO_COUNTS_FROM = 10_000  # a few hundred spaces shrink a hundredfold and harm nobody
LONGEST_NAME = 120
CHUNK = 65_536
ENCRYPTED = 0x1
BEGINNINGS_OF_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
)
LEFT_OVERS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
SAFE = "Take it out of the template and pack it again."


def read_files(path: Path) -> dict[str, bytes]:
    """Every file by its name in the template; BadTemplate names the first thing that is not safe (S16)."""
    if path.is_dir():
        return dict(_folder(path))
    if path.is_file():
        return _archive(path)
    raise _bad(path, path.name, "There is no such folder or zip.", "Give the path of a .pass folder.")


def _folder(root: Path) -> Iterator[tuple[str, bytes]]:
    entries, total = 0, 0
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if _is_left_over(name):
            continue
        entries += 1
        _require_few(root, entries)
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise _bad(root, name, "It is no plain file.", "Put a copy of the file in its place.")
        if path.is_file():
            total += path.stat().st_size
            _require_small(root, name, path.stat().st_size, total)
            yield name, path.read_bytes()


def _archive(path: Path) -> dict[str, bytes]:
    try:
        require_small_directory(path, most_entries=MOST_ENTRIES, most_bytes=MOST_BYTES)
        with ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not _is_left_over(entry.filename)]
            _require_safe(path, entries)
            return _unwrapped(dict(_contents(path, archive, entries)))
    except DirectoryFault as fault:
        raise _bad(path, path.name, str(fault), "Pack the folder again with an ordinary zip tool.") from None
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
        raise _bad(path, path.name, "It is no readable zip.", "Pack the folder again.") from None


def _is_left_over(name: str) -> bool:
    """What a Mac or Windows drops into folders; it never reaches a pass (B1)."""
    return name.startswith(LEFT_OVERS) or name.rsplit("/", 1)[-1].startswith(("._", *LEFT_OVERS))


def _require_safe(path: Path, entries: list[ZipInfo]) -> None:
    """All of it judged by the directory, before a byte is unpacked."""
    _require_few(path, len(entries))
    seen: set[str] = set()
    total = 0
    for entry in entries:
        if problem := _problem(entry):
            raise _bad(path, _shown(entry.filename), problem, SAFE)
        folded = unicodedata.normalize("NFC", entry.filename).casefold()
        if folded in seen:
            raise _bad(path, entry.filename, "Two entries have this name, or differ only in case.", SAFE)
        seen.add(folded)
        total += entry.file_size
        _require_small(path, entry.filename, entry.file_size, total)


def _problem(entry: ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not is_safe_name(entry.orig_filename):
        return "Its name leads out of the template or cannot be a file's name."
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "It is a link or a device, not a file."
    if entry.flag_bits & ENCRYPTED:
        return "It is encrypted."
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "It is compressed in an unusual way."
    if entry.file_size > RATIO_COUNTS_FROM and entry.file_size > MOST_RATIO * entry.compress_size:
        return f"It grows more than {MOST_RATIO}-fold when unpacked."
    return ""


def is_safe_name(name: str) -> bool:
    """A relative path with forward slashes and nothing clever in it."""
    parts = name.removesuffix("/").split("/")
    return (
        0 < len(name) <= LONGEST_NAME
        and len(parts) <= 3
        and all(part.strip(" .") and part == part.rstrip(" .") for part in parts)
        and not any(char in '\\:*?"<>|' or not char.isprintable() for char in name)
    )


def _contents(path: Path, archive: ZipFile, entries: list[ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Counted while it streams, because declared sizes lie."""
    total = 0
    for entry in entries:
        if entry.is_dir():
            continue
        data = bytearray()
        with archive.open(entry) as stream:
            while chunk := stream.read(CHUNK):
                data += chunk
                _require_small(path, entry.filename, len(data), total + len(data))
        total += len(data)
        if data.startswith(BEGINNINGS_OF_ARCHIVES):
            raise _bad(path, entry.filename, "It is an archive inside the archive.", SAFE)
        yield entry.filename, bytes(data)


def _unwrapped(files: dict[str, bytes]) -> dict[str, bytes]:
    """Zipping a folder wraps it: `coffee.pass/pass.json` counts as `pass.json`."""
    tops = {name.split("/", 1)[0] for name in files}
    if "pass.json" in files or len(tops) != 1:
        return files
    return {name.split("/", 1)[-1]: data for name, data in files.items()}


def _require_few(path: Path, entries: int) -> None:
    if entries > MOST_ENTRIES:
        raise _bad(path, path.name, f"It has more than {MOST_ENTRIES} entries.", "Keep what a pass needs.")


def _require_small(path: Path, name: str, size: int, total: int) -> None:
    if size > MOST_BYTES_EACH or total > MOST_BYTES:
        raise _bad(
            path, name, "It is too large: 10 MB a file and 30 MB in all are allowed.", "Make it smaller."
        )


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in name[:LONGEST_NAME])


def _bad(path: Path, name: str, problem: str, remedy: str) -> BadTemplate:
    return BadTemplate(path.name, Fault(name, "", problem, remedy))


def languages_of(names: Iterable[str]) -> list[str]:
    """L4: the `xx` of every `xx.lproj`, sorted."""
    return sorted({name.split(".lproj/")[0] for name in names if ".lproj/" in name})
