"""How a card came to where it stands: its entries, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.entries import Entry, entry
from wallet_service.db import queries
from wallet_service.domain.program import Program


@dataclass(frozen=True)
class Page:
    """Entries with the program version that decided each; `next` is where the following page begins."""

    entries: tuple[tuple[Entry, Program], ...]
    next: int | None


def page(session: Session, *, card: str, most: int, before: int | None = None) -> Page:
    """Newest first."""
    row = queries.card(session, card)
    rows = queries.last_entries(session, row.id, most + 1, before)
    told = tuple((entry(line), programs.of_entry(session, line.program_version_id)) for line in rows[:most])
    return Page(told, next=rows[most - 1].seq if len(rows) > most else None)
