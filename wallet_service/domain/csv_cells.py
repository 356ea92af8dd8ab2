"""Cells of a CSV file that a spreadsheet opens as text, never as a formula (threat S13)."""

from __future__ import annotations

import re

FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""With any apostrophes before it, so that what we put in front can be told from what was there."""

Cell = str | int | None


def safe(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The text as it was before `safe`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
