"""A zip's own count of its entries, asked for before anything parses the directory (S16)."""

from __future__ import annotations

import struct
from pathlib import Path

END = struct.Struct("<4s4H2LH")
END_MARK, FIRST_MARK, ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x03\x04", b"PK\x06\x07"
LOCATOR_SIZE = 20
LONGEST_COMMENT = 65_535
MOST_BYTES_AN_ENTRY = 1_024  # a line of the directory: 46 bytes, the name, an odd extra field


class DirectoryFault(Exception):
    """A sentence for whoever packed the zip."""


def require_small_directory(path: Path, *, most_entries: int, most_bytes: int) -> None:
    """10^5 entries cost a parser 50 MB; their number stands in the last 22 bytes."""
    size = path.stat().st_size
    if size > most_bytes:
        raise DirectoryFault(f"It is larger than {most_bytes // 1_000_000} MB.")
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(max(size - END.size - LONGEST_COMMENT - LOCATOR_SIZE, 0))
        tail = file.read()
    if start != FIRST_MARK:
        raise DirectoryFault("It is no zip, or something stands before its first entry.")
    _require_small(tail, most_entries)


def _require_small(tail: bytes, most_entries: int) -> None:
    place = tail.rfind(END_MARK)
    if place < 0 or len(tail) < place + END.size:
        raise DirectoryFault("It is no whole zip.")
    _, disk, first_disk, here, entries, length, _, _ = END.unpack_from(tail, place)
    if tail[max(place - LOCATOR_SIZE, 0) :].startswith(ZIP64_LOCATOR) or disk or first_disk:
        raise DirectoryFault("It is in the form for very large or split archives.")
    if max(here, entries) > most_entries or length > most_entries * MOST_BYTES_AN_ENTRY:
        raise DirectoryFault(f"It has more than {most_entries} entries.")
