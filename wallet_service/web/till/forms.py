"""What people type, as values; junk is refused with a sentence before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from wallet_service.domain.errors import BadAmount
from wallet_service.domain.program import Unit

AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?")
WHOLE = re.compile(r"[0-9]{1,12}")
SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")


@dataclass(frozen=True)
class NumberForm:
    """`number` as typed; the domain says whether it is one."""

    number: str

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> Self:
        return cls(form.get("number", "").strip()[:200])


def points_of(text: str, unit: Unit) -> int:
    """Money as money is written; everything else in whole numbers."""
    if unit.money:
        return minor_units(text)
    found = WHOLE.fullmatch(SPACES.sub("", text[:40]))
    if found is None:
        raise BadAmount("A number of points is written in figures, such as 120.")
    return int(found[0])


def minor_units(text: str) -> int:
    """ "250", "250,50", "1 250.5" as kopecks or cents."""
    found = AMOUNT.fullmatch(SPACES.sub("", text[:40]))
    if found is None or not found[0].isascii():
        raise BadAmount("An amount is written in figures, such as 250 or 250,50.")
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
