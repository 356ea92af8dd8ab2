"""The pictures of a template: is each there, known by its name, and of the right size?"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from PIL import Image

from wallet_service.apple.template.template_fault import Fault, warning
from wallet_service.apple.template.template_pictures import (
    DENSITIES,
    SLOTS,
    BadPicture,
    has_right_size,
    size_of,
    sizes_wanted,
    slot_of,
    trusted,
)

NOT_PICTURES = ("pass.json", "template.toml", "pass.strings", "README.md", "manifest.json", "signature")
SAVE_AGAIN = "Save it again as a PNG of the right size."
SIXTEEN_BITS, INTERLACED = 16, 1


def check(files: Mapping[str, bytes]) -> Iterator[Fault]:
    yield from _icon(files)
    yield from _densities(files)
    for name in sorted(files):
        if slot_of(name):
            yield from _picture(name, files[name])
        elif name.rsplit("/", 1)[-1] not in NOT_PICTURES and not name.startswith("google-"):
            yield _unknown(name)


def file_of(slot: str, density: int) -> str:
    return f"{slot}.png" if density == 1 else f"{slot}@{density}x.png"


def _icon(files: Mapping[str, bytes]) -> Iterator[Fault]:
    if not any(file_of("icon", density) in files for density in DENSITIES):
        problem = "There is no icon, and phones refuse a pass without one."  # I1
        yield Fault("icon.png", "", problem, "Add icon.png, icon@2x.png and icon@3x.png.")


def _densities(files: Mapping[str, bytes]) -> Iterator[Fault]:
    for slot in sorted(SLOTS - {"strip"}):
        names = [file_of(slot, density) for density in DENSITIES]
        missing = [name for name in names if name not in files]
        if missing and len(missing) < len(names):
            for name in missing:
                yield warning(name, "", "This density is missing.", f"Add it in {_wanted(name)} pixels.")


def _wanted(name: str) -> str:
    slot, density = slot_of(name) or ("icon", 1)
    return sizes_wanted(slot, density)


def _picture(name: str, data: bytes) -> Iterator[Fault]:
    slot, density = slot_of(name) or ("icon", 1)
    try:
        size = size_of(data)
        whole = trusted(data)
    except BadPicture as bad:
        yield Fault(name, "", str(bad), SAVE_AGAIN)
        return
    if not has_right_size(slot, density, size):
        problem = f"It is {size[0]}x{size[1]} pixels."  # I2, I3
        yield Fault(name, "", problem, f"Make it {sizes_wanted(slot, density)}.")
    elif not _decodes(whole):
        yield Fault(name, "", "It is damaged.", SAVE_AGAIN)
    if data[24] == SIXTEEN_BITS or data[28] == INTERLACED:
        problem = "It has 16 bits a colour or is interlaced."  # I3
        yield warning(name, "", problem, "Save it with 8 bits and without interlacing.")


def _decodes(data: bytes) -> bool:
    """Only after its size was found right, so it is small (S17)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Image.open(io.BytesIO(data), formats=["PNG"]).load()
    except (OSError, ValueError, SyntaxError, EOFError, Warning):
        return False
    return True


def _unknown(name: str) -> Fault:
    """I7, I8: phones ignore a name that is nearly right, in silence."""
    names = [file_of(slot, density) for slot in SLOTS for density in DENSITIES]
    if close := get_close_matches(name.rsplit("/", 1)[-1].replace("@1x", ""), names, n=1, cutoff=0.8):
        return warning(name, "", "Phones do not know this name; it is left out.", f"Call it {close[0]}.")
    return warning(name, "", "It has no place in a pass and is left out.", "Take it out of the folder.")
