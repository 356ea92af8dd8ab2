"""Where a card stands and how it came there, in figures."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import Entry, entry
from wallet_service.actions.show import bar, state_of
from wallet_service.db import queries
from wallet_service.db.tables import ProgramVersion
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Progress


@dataclass(frozen=True)
class Stand:
    """`state` changes with everything that the card or its program say."""

    serial: str
    number: str
    status: str
    balance: int
    progress: Progress
    program: Program
    state: str

    @property
    def active(self) -> bool:
        return self.status == ACTIVE


@dataclass(frozen=True)
class Page:
    """Entries with the program version that decided each; `next` is where the following page begins."""

    entries: tuple[tuple[Entry, Program], ...]
    next: int | None


def stand(session: Session, *, card: str) -> Stand:
    """By serial number or card number; UnknownCard when there is none."""
    row = queries.card(session, card)
    program, version = programs.current(session, row.program.slug)
    return Stand(
        serial=row.serial,
        number=row.number,
        status=row.status,
        balance=row.balance,
        progress=bar(row, program),
        program=program,
        state=state_of(row.version, version.id),
    )


def decided_by(session: Session, booked: Entry, program: str) -> Program:
    """The version of the program that says why an entry is worth what it is worth."""
    return programs.of_version(program, session.get_one(ProgramVersion, booked.program_version))


def page(session: Session, *, card: str, most: int, before: int | None = None) -> Page:
    """Newest first."""
    row = queries.card(session, card)
    rows = queries.last_entries(session, row.id, most + 1, before)
    entries = tuple(
        (entry(line), programs.of_version(row.program.slug, line.program_version)) for line in rows[:most]
    )
    return Page(entries, next=rows[most - 1].seq if len(rows) > most else None)
