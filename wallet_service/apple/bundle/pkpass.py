"""Files become a .pkpass: manifest, signature, and a zip whose unchanging entries were made beforehand."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha1
from zlib import crc32

from wallet_service.apple.signing.signer import Signer
from wallet_service.domain.errors import Invalid, Misconfigured, TooMuch

MIME_TYPE = "application/vnd.apple.pkpass"  # B13
MIME_TYPE_MANY = "application/vnd.apple.pkpasses"  # B14
MANIFEST, SIGNATURE, PASS = "manifest.json", "signature", "pass.json"
AT_MOST_PASSES, AT_MOST_BYTES = 10, 150_000_000  # B14

UNSAFE_PART = re.compile(r"^$|^\.|^__MACOSX$|[\\:\x00-\x1f\x7f\ud800-\udfff]")  # B1, B2

NEEDS, UTF8_NAMES, STORED = 20, 0x0800, 0  # zip 2.0
MIDNIGHT, NEW_YEAR_1980 = 0, 1 << 5 | 1  # B16: the first moment a zip can name
ON_A_UNIX, PLAIN_FILE = bytes((NEEDS, 3)), 0o100644 << 16
ALIKE = struct.pack("<5H", NEEDS, UTF8_NAMES, STORED, MIDNIGHT, NEW_YEAR_1980)
LOCAL, LISTED = b"PK\x03\x04" + ALIKE, b"PK\x01\x02" + ON_A_UNIX + ALIKE
SIZES = struct.Struct("<3L2H")  # what a file's own header and its line in the directory have in common
TAIL = struct.Struct("<3H2L")
END = struct.Struct("<4s4H2LH")
HEADER = len(LOCAL) + SIZES.size


class Prepared:
    """Files that many passes have in common: digests, checksums and zip entries are made once."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._set(frozenset(files), _manifest_lines(files), _entries(files))

    def _set(self, names: frozenset[str], lines: list[str], entries: list[_Entry]) -> None:
        self.names, self.lines, self._entries = names, lines, entries
        local, listing, _ = _laid_out(entries, 0)
        self.local, self.listing = b"".join(local), b"".join(listing)

    def joined(self, other: Prepared) -> Prepared:
        """Such as the pictures of a template and the strip of one state."""
        _require_disjoint(self.names, other.names)
        both = Prepared.__new__(Prepared)
        both._set(self.names | other.names, self.lines + other.lines, self._entries + other._entries)
        return both


def bundle(prepared: Prepared, changing: Mapping[str, bytes], signer: Signer) -> bytes:
    """A signed pass. `changing` holds pass.json and whatever else is this card's own."""
    _require_disjoint(prepared.names, changing)
    _require_own_identifiers(changing.get(PASS), signer)
    manifest = _manifest(prepared.lines + _manifest_lines(changing))
    return _zipped(prepared, {**changing, MANIFEST: manifest, SIGNATURE: signer.sign(manifest)})


def bundle_of_passes(passes: Sequence[bytes]) -> bytes:
    """B14: several finished passes to add in one go."""
    if not passes:
        raise Invalid("A bundle of passes needs at least one pass.")
    if len(passes) > AT_MOST_PASSES or sum(map(len, passes)) > AT_MOST_BYTES:
        raise TooMuch(f"A bundle of passes holds at most {AT_MOST_PASSES} passes and 150 MB.")
    return _zipped(NOTHING, {f"{number}.pkpass": one for number, one in enumerate(passes, 1)})


def _require_disjoint(prepared: frozenset[str], others: Iterable[str]) -> None:
    twice = prepared.intersection(others)
    if twice:
        raise Misconfigured(f"The pass would hold {', '.join(sorted(twice))} twice: keep one of each.")  # B1


def _require_own_identifiers(pass_json: bytes | None, signer: Signer) -> None:
    """B9: a pass that names another type or team than its certificate is refused by every phone."""
    if pass_json is None:
        raise Misconfigured("The pass has no pass.json: add one to its template.")
    wanted = (signer.pass_type, signer.team)
    if all(pass_json.startswith(named, pass_json.find(key)) for key, named in _written(*wanted)):
        return  # as a rule; reading the whole JSON would cost a twentieth of the signature
    named = _read(pass_json)
    if named != wanted:
        raise Misconfigured(
            f"The pass names type {named[0]} and team {named[1]}, its certificate is for type "
            f"{wanted[0]} and team {wanted[1]}: take both from the certificate."
        )


@lru_cache(64)
def _written(pass_type: str, team: str) -> tuple[tuple[bytes, bytes], ...]:
    pairs = (("passTypeIdentifier", pass_type), ("teamIdentifier", team))
    return tuple((f'"{key}"'.encode(), f'"{key}":{json.dumps(value)}'.encode()) for key, value in pairs)


def _read(pass_json: bytes) -> tuple[object, object]:
    try:
        body = json.loads(pass_json)
        return body.get("passTypeIdentifier"), body.get("teamIdentifier")
    except (ValueError, AttributeError) as fault:
        raise Misconfigured("The pass.json of the pass is no JSON object: run template check.") from fault


def _manifest_lines(files: Mapping[str, bytes]) -> list[str]:
    """B3: SHA-1 is what the form asks for; the signature over it is what protects."""
    return [
        f'{_quoted(name)}:"{sha1(data, usedforsecurity=False).hexdigest()}"' for name, data in files.items()
    ]


@lru_cache(1024)
def _quoted(name: str) -> str:
    if name in (MANIFEST, SIGNATURE) or any(UNSAFE_PART.search(part) for part in name.split("/")):
        raise Misconfigured(f"{name!r} cannot be the name of a file in a pass: rename it in the template.")
    return json.dumps(name)


def _manifest(lines: list[str]) -> bytes:
    """B15: the same files, the same bytes."""
    return ("{" + ",".join(sorted(lines)) + "}").encode()


_Entry = tuple[bytes, bytes, bytes]
"""One stored file of a zip, lacking only its place: its sizes, its name, and what is in it."""


def _entries(files: Mapping[str, bytes]) -> list[_Entry]:
    """B2: stored, for PNGs do not shrink and deflating them costs more than the signature."""
    entries = []
    for name, data in files.items():
        size, encoded = len(data), name.encode()
        entries.append((SIZES.pack(crc32(data), size, size, len(encoded), 0), encoded, data))
    return entries


def _laid_out(entries: Iterable[_Entry], offset: int) -> tuple[list[bytes], list[bytes], int]:
    """The files one after another, the directory that tells where each begins, and where that begins."""
    local: list[bytes] = []
    listing: list[bytes] = []
    for sizes, name, data in entries:
        local += (LOCAL, sizes, name, data)
        listing += (LISTED, sizes, TAIL.pack(0, 0, 0, PLAIN_FILE, offset), name)
        offset += HEADER + len(name) + len(data)
    return local, listing, offset


def _zipped(prepared: Prepared, files: Mapping[str, bytes]) -> bytes:
    local, listing, offset = _laid_out(_entries(files), len(prepared.local))
    directory = b"".join((prepared.listing, *listing))
    count = len(prepared.names) + len(files)
    end = END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    return b"".join((prepared.local, *local, directory, end))


NOTHING = Prepared({})
