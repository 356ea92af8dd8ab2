"""People's own words made safe to show: one line, bounded, no controls (threat S28)."""

from __future__ import annotations

import unicodedata

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
MOST_MARKS = 3


def one_line(text: str, most: int = 80) -> str:
    """NFC, without control, direction, zero-width and private characters, at most `most` characters;
    at most three combining marks on one letter.
    """
    shown: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text[: most * 8]):
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        if category not in UNSEEN and marks <= MOST_MARKS:
            shown.append(char)
        elif char in "\t\r\n\u2028\u2029":
            shown.append(" ")
    line = " ".join("".join(shown).split())
    return line if len(line) <= most else line[: most - 1] + "…"
