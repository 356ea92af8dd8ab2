"""Numbers with their words, as a person would say them."""

from __future__ import annotations


def so_many(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"
