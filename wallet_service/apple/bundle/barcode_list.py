"""Barcodes whose message depends on the card: each is looked at before it goes out (P15)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from wallet_service.apple.bundle.pass_texts import Filling
from wallet_service.apple.bundle.pass_writer import Plain
from wallet_service.apple.template.barcodes import drawable, fits
from wallet_service.apple.template.placeholders import Pattern, parse

Code = dict[str, Any]
# Plain characters and a fixed length: what fits once, fits always.
SAMPLES = {"number": "1" * 19, "number_grouped": "1111 1111 1111 1111 111", "serial": "0" * 36}


@dataclass(frozen=True)
class BarcodeList:
    codes: tuple[Code, ...]
    of_state: ClassVar[bool] = False

    @property
    def always_drawable(self) -> bool:
        return all(_always_fits(code["format"], parse(code["message"])) for code in self.codes)

    def write(self, filling: Filling) -> str:
        codes = [_filled(code, filling) for code in self.codes]
        shown = drawable(codes, filling.face.number)
        return json.dumps(shown, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _always_fits(code: str, pattern: Pattern) -> bool:
    if not {*pattern[1::2]} <= SAMPLES.keys():
        return False
    message = "".join(SAMPLES[part] if odd % 2 else part for odd, part in enumerate(pattern))
    return message.isascii() and fits(code, message)


def _filled(code: Code, filling: Filling) -> Code:
    return {
        name: Plain(parse(value)).text(filling) if isinstance(value, str) else value
        for name, value in code.items()
    }
