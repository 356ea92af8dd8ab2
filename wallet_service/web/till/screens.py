"""What the till shows of a card and of a booking: values, read in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import entries, programs
from wallet_service.actions.earn import quote
from wallet_service.actions.links import Links
from wallet_service.actions.reverse import UNDO
from wallet_service.actions.show import Shown, show_row
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import redeeming, wording
from wallet_service.domain.errors import CardNotActive
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program, Reward, Texts
from wallet_service.domain.progress import Kind
from wallet_service.domain.rule import Discount, Each, Effect, Trigger
from wallet_service.domain.rules import Purchase
from wallet_service.web.reasons import Reasons, reasons

MOST_INITIALS = 3


@dataclass(frozen=True)
class CardScreen:
    """A cashier sees initials, never a name."""

    shown: Shown
    initials: str
    ready: tuple[Reward, ...]


@dataclass(frozen=True)
class QuoteScreen:
    """What a purchase of this total would get. `discount` is in minor units; `can_pay` counts points, which
    are worth `pays`.
    """

    total: int
    points: int
    discount: int | None
    can_pay: int
    pays: int
    reasons: Reasons


@dataclass(frozen=True)
class BookedScreen:
    """`reasons` tell the arithmetic, or that all this was taken back since; `undo_seconds` is 0 when it
    cannot be taken back any more.
    """

    card: CardScreen
    entry: int
    kind: Kind
    points: int
    headline: Texts
    reasons: Reasons
    taken_back: bool
    undo_seconds: int


def card_screen(session: Session, reference: str, links: Links, now: datetime) -> CardScreen:
    row = queries.card(session, reference)
    if row.status != ACTIVE:
        raise CardNotActive("This card was closed by its member. Offer a new one.")
    shown = show_row(session, row, links, now)
    return CardScreen(shown, initials(row.member.name), shown.stand.ready)


def quote_screen(session: Session, screen: CardScreen, total: int, now: datetime) -> QuoteScreen:
    stand = screen.shown.stand
    program = stand.program
    worth = quote(session, card=stand.serial, purchase=Purchase(now, total=total), now=now)
    can_pay = redeeming.most_points(program, stand.spendable, total)
    over, under = program.paying.worth if program.paying else (0, 1)
    return QuoteScreen(
        total=total,
        points=worth.points + worth.grants,
        discount=worth.discount,
        can_pay=can_pay,
        pays=can_pay * over // under,
        reasons=reasons(program, worth.steps),
    )


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
        reasons=Reasons(wording.STEPS["reversed"]) if taken_back else _reasons(program, rows),
        taken_back=taken_back,
        undo_seconds=0 if taken_back else _undo_seconds(rows, now),
    )


def is_worth_a_look(program: Program) -> bool:
    """Whether a cashier may have to take something off before the amount is booked."""
    discounts = any(isinstance(effect, Discount) for rule in program.rules for effect in rule.then)
    levels = program.tiers.levels if program.tiers else ()
    return discounts or program.paying is not None or any(level.discount[0] for level in levels)


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


def _reasons(program: Program, rows: Sequence[LedgerEntry]) -> Reasons:
    return reasons(program, [step for row in rows for step in entries.steps(row.trace)])


def _undo_seconds(rows: Sequence[LedgerEntry], now: datetime) -> int:
    if rows[0].kind in (Kind.REVERSE, Kind.REFUND, Kind.GRANT):
        return 0
    left = rows[0].recorded_at + UNDO - now
    return max(int(left.total_seconds()), 0)
