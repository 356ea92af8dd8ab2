"""What a card shows now: a card into its face."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import Entry, entry, standing
from wallet_service.actions.links import Links
from wallet_service.db import queries
from wallet_service.db.tables import Card, ProgramVersion
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import wording
from wallet_service.domain.face import CardFace, HistoryLine
from wallet_service.domain.identifiers import grouped
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Progress, progress, stage

HISTORY = 5


@dataclass(frozen=True)
class Shown:
    """A face with the version of the card it was made of."""

    card_id: int
    version: int
    state: str
    face: CardFace
    program: Program


def show(session: Session, *, card: str, links: Links) -> Shown:
    """By serial number or card number; UnknownCard when there is none."""
    return show_row(session, queries.card(session, card), links)


def show_row(session: Session, row: Card, links: Links) -> Shown:
    program, version = programs.current(session, row.program.slug)
    state = state_of(row.version, version.id)
    return Shown(row.id, row.version, state, _face(session, row, program, links), program)


def state_of(card_version: int, program_version_id: int) -> str:
    """Names what a card shows; equal names, equal faces."""
    return f"{card_version}-{program_version_id}"


def bar(row: Card, program: Program) -> Progress:
    return progress(standing(row), program.goal.cost, cells=program.unit.cells)


def history(session: Session, *, card: str, most: int) -> list[tuple[Entry, Program]]:
    """Newest first, each with the program version that decided it."""
    row = queries.card(session, card)
    return [
        (entry(line), _program(row, line.program_version))
        for line in queries.last_entries(session, row.id, most)
    ]


def _program(row: Card, version: ProgramVersion) -> Program:
    return programs.of_version(row.program.slug, version)


def _face(session: Session, row: Card, program: Program, links: Links) -> CardFace:
    shown, goal = bar(row, program), program.goal
    return CardFace(
        serial=row.serial,
        number=row.number,
        number_grouped=grouped(row.number),
        program=program.slug,
        template=program.template,
        organization=program.organization,
        languages=program.languages,
        program_name=program.name,
        news=wording.news(program, stage(standing(row), shown, program.usual_step), shown, goal),
        balance=wording.balance(program, shown),
        progress=shown,
        progress_text=wording.progress_text(program, shown),
        reward=goal.name,
        rules=wording.rules(program),
        history=_history(session, row),
        page=links.page(row.serial),
        voided=row.status != ACTIVE,
        time_zone=program.time_zone,
    )


def _history(session: Session, row: Card) -> tuple[HistoryLine, ...]:
    lines = []
    for line in queries.last_entries(session, row.id, HISTORY):
        program = _program(row, line.program_version)
        reward = program.reward(line.reward) if line.reward else None
        booked = entry(line)
        text = wording.history_line(program, booked.kind, booked.points, reward)
        lines.append(HistoryLine(booked.occurred_at, text))
    return tuple(lines)
