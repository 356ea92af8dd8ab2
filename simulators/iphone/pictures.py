"""The sizes a phone expects of the pictures in a bundle (I1 to I3)."""

import re
import struct
from collections.abc import Mapping

from simulators.iphone.refusal import Refused

Size = tuple[int, int]

# In points. Two values where Apple's older guide and its tool of 2026 differ: both still open (I2).
EXACT: dict[str, tuple[Size, ...]] = {
    "icon": ((38, 38), (29, 29)),
    "strip": ((375, 144), (375, 123), (375, 98)),
    "background": ((345, 505), (180, 220)),
    "artwork": ((358, 448),),
    "personalizationLogo": ((150, 40),),
}
AT_MOST: dict[str, Size] = {
    "logo": (160, 50),
    "thumbnail": (90, 90),
    "footer": (286, 15),
    "primaryLogo": (126, 30),
    "secondaryLogo": (135, 12),
}
STRIP_OF_STYLE: dict[str, tuple[Size, ...]] = {
    "storeCard": ((375, 144), (375, 123)),
    "coupon": ((375, 144),),
    "eventTicket": ((375, 144), (375, 98)),
}
NAME = re.compile(r"(?:.+\.lproj/)?(?P<slot>[A-Za-z]+)(?:@(?P<scale>[123])x)?\.png")
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def check_pictures(files: Mapping[str, bytes], style: str) -> None:
    """Refuses a bundle without icon and every known picture whose pixels do not equal its density."""
    if not any(name in files for name in ("icon.png", "icon@2x.png", "icon@3x.png")):
        raise Refused("I1", "The bundle has no icon.png, icon@2x.png or icon@3x.png.")
    for name, data in sorted(files.items()):
        named = NAME.fullmatch(name)
        if named and named["slot"] in EXACT.keys() | AT_MOST.keys():
            _check_picture(name, named["slot"], int(named["scale"] or 1), data, style)


def _check_picture(name: str, slot: str, scale: int, data: bytes, style: str) -> None:
    width, height = size = _size(name, data)
    if slot in AT_MOST:
        most = (AT_MOST[slot][0] * scale, AT_MOST[slot][1] * scale)
        if width > most[0] or height > most[1]:
            raise Refused("I3", f"{name} is {width}x{height}; at most {most[0]}x{most[1]} fits.")
        return
    points = STRIP_OF_STYLE.get(style, EXACT[slot]) if slot == "strip" else EXACT[slot]
    wanted = [(across * scale, down * scale) for across, down in points]
    if size not in wanted:
        sizes = " or ".join(f"{across}x{down}" for across, down in wanted)
        item = "I2" if slot == "strip" else "I3"
        raise Refused(item, f"{name} is {width}x{height}; it must be {sizes}.")


def _size(name: str, data: bytes) -> Size:
    if not data.startswith(SIGNATURE) or data[12:16] != b"IHDR" or not data.endswith(b"IEND\xae\x42\x60\x82"):
        raise Refused("I3", f"{name} is not a whole PNG picture.")
    width, height = struct.unpack(">II", data[16:24])
    return int(width), int(height)
