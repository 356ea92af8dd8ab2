"""What the till shows of a card and of a booking: values, read in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import entries, programs
from wallet_service.actions.links import Links
from wallet_service.actions.reverse import UNDO
from wallet_service.actions.show import Shown, show_row
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import wording
from wallet_service.domain.errors import CardNotActive
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program, Reward, Texts
from wallet_service.domain.progress import Kind
from wallet_service.domain.rule import Each, Effect, Trigger

MOST_INITIALS = 3


@dataclass(frozen=True)
class CardScreen:
    """A cashier sees initials, never a name."""

    shown: Shown
    initials: str
    ready: tuple[Reward, ...]


@dataclass(frozen=True)
class BookedScreen:
    """`why` is the arithmetic in words, or that all this was taken back since; `undo_seconds` is 0 when it
    cannot be taken back any more.
    """

    card: CardScreen
    entry: int
    kind: Kind
    points: int
    headline: Texts
    why: Texts
    taken_back: bool
    undo_seconds: int


def card_screen(session: Session, reference: str, links: Links, now: datetime) -> CardScreen:
    row = queries.card(session, reference)
    if row.status != ACTIVE:
        raise CardNotActive("This card was closed by its member. Offer a new one.")
    shown = show_row(session, row, links, now)
    return CardScreen(shown, initials(row.member.name), shown.stand.ready)


def booked_screen(session: Session, entry: int, links: Links, now: datetime) -> BookedScreen:
    first = queries.entry(session, entry)
    program = programs.of_entry(session, first.program_version_id)
    rows = queries.entries_of(session, first.operation_id)
    booked = entries.entry(first)
    reward = program.reward(booked.reward) if booked.reward else None
    taken_back = bool(queries.reversed_ids(session, [row.id for row in rows]))
    return BookedScreen(
        card=card_screen(session, first.card.serial, links, now),
        entry=first.id,
        kind=booked.kind,
        points=booked.points,
        headline=wording.history_line(program, booked.kind, booked.points, reward, money=booked.money),
        why=wording.STEPS["reversed"] if taken_back else _why(program, rows),
        taken_back=taken_back,
        undo_seconds=0 if taken_back else _undo_seconds(rows, now),
    )


def counts_visits(program: Program) -> bool:
    """Whether a visit alone is worth something at any time, so that the till has a button for it."""
    return any(
        rule.trigger is Trigger.VISIT or any(_each_visit(effect) for effect in rule.then)
        for rule in program.rules
        if not (rule.every or rule.some)
    )


def initials(name: str | None) -> str:
    words = one_line(name or "").split()[:MOST_INITIALS]
    return " ".join(f"{word[0].upper()}." for word in words)


def _each_visit(effect: Effect) -> bool:
    return isinstance(effect, Each) and effect.what == "visit"


def _why(program: Program, rows: Sequence[LedgerEntry]) -> Texts:
    steps = tuple(step for row in rows for step in entries.steps(row.trace))
    return {language: wording.explain(program, steps, language) for language in program.languages}


def _undo_seconds(rows: Sequence[LedgerEntry], now: datetime) -> int:
    if rows[0].kind in (Kind.REVERSE, Kind.REFUND, Kind.GRANT):
        return 0
    left = rows[0].recorded_at + UNDO - now
    return max(int(left.total_seconds()), 0)
