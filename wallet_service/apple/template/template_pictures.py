"""The pictures of a pass: their names and sizes (I1 to I8), and what is left of a PNG once it is trusted."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from zlib import crc32

Size = tuple[int, int]

# In points. Where Apple's older guide and its tool of 2026 differ, both stand.
EXACT: Mapping[str, tuple[Size, ...]] = {
    "icon": ((38, 38), (29, 29)),
    "strip": ((375, 144), (375, 123), (375, 98)),
    "background": ((345, 505), (180, 220)),
    "artwork": ((358, 448),),
    "personalizationLogo": ((150, 40),),
}
AT_MOST: Mapping[str, Size] = {
    "logo": (160, 50),
    "thumbnail": (90, 90),
    "footer": (286, 15),
    "primaryLogo": (126, 30),
    "secondaryLogo": (135, 12),
}
SLOTS = frozenset((*EXACT, *AT_MOST))
DENSITIES = (1, 2, 3)
LARGEST_SIDE = 4096  # S17: 169 megapixels fit into 21 kB

NAME = re.compile(
    r"(?:(?P<language>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.lproj/)?(?P<slot>\w+?)(?:@(?P<density>[23])x)?\.png"
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">IIBBBBB")
LENGTH = struct.Struct(">I")
# S17: what draws the picture stays; texts, camera data and anything hidden behind the end go.
KEPT = {b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"iCCP", b"pHYs", b"IDAT", b"IEND"}


class BadPicture(Exception):
    """A sentence."""


def slot_of(name: str) -> tuple[str, int] | None:
    """The slot and density that a phone knows by this exact name (I7, I8), or None."""
    found = NAME.fullmatch(name)
    if found is None or found["slot"] not in SLOTS:
        return None
    return found["slot"], int(found["density"] or 1)


def size_of(data: bytes) -> Size:
    """From the header alone; nothing is decoded."""
    if not data.startswith(SIGNATURE) or data[12:16] != b"IHDR" or len(data) < 33:
        raise BadPicture("It is no PNG, whatever its name says.")  # I3
    width, height, *_ = HEADER.unpack_from(data, 16)
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise BadPicture(f"It is {width}x{height} pixels large.")
    return width, height


def trusted(data: bytes) -> bytes:
    """The same picture from checked parts only: sums right, in order, nothing after the end."""
    size_of(data)
    kept, place = [SIGNATURE], len(SIGNATURE)
    while place + 12 <= len(data):
        (length,) = LENGTH.unpack_from(data, place)
        kind, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data) or LENGTH.unpack_from(data, end - 4)[0] != crc32(data[place + 4 : end - 4]):
            raise BadPicture("It is damaged.")
        if kind in KEPT:
            kept.append(data[place:end])
        place = end
        if kind == b"IEND":
            return b"".join(kept)
    raise BadPicture("It is cut off.")


def sizes_wanted(slot: str, density: int) -> str:
    """In words: `87x87 or 114x114`."""
    sizes = EXACT.get(slot) or (AT_MOST[slot],)
    words = " or ".join(f"{width * density}x{height * density}" for width, height in sizes)
    return words if slot in EXACT else f"at most {words}"


def has_right_size(slot: str, density: int, size: Size) -> bool:
    if slot in AT_MOST:
        width, height = AT_MOST[slot]
        return size[0] <= width * density and size[1] <= height * density
    return size in [(width * density, height * density) for width, height in EXACT[slot]]
