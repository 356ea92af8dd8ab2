"""A member takes a card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import Actor, Request, book, once
from wallet_service.db.tables import Card, CardNumber, Member, Operation
from wallet_service.db.tables.base import Base
from wallet_service.domain import ledger
from wallet_service.domain.identifiers import ENTROPY_BYTES, card_number, serial_number
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program
from wallet_service.push import outbox

Entropy = Callable[[int], bytes]


def join(
    session: Session,
    *,
    program: str,
    wallets: tuple[str, ...],
    entropy: Entropy,
    now: datetime,
    language: str | None = None,
    name: str | None = None,
    source: str | None = None,
    actor: Actor | None = None,
    key: str | None = None,
) -> str:
    """A new card with its welcome gift; answers the serial number. UnknownProgram when there is none.

    KeyReused when somebody joined with this key before: each card has its own.
    """
    value, version = programs.current(session, program)
    card = _card(session, value, version.program_id, entropy, now, language, name, source)
    request = Request("join", key or card.serial, {"card": card.serial}, actor or Actor("member"), now)
    gift = ledger.joined(value)

    def welcome(operation: Operation) -> None:
        if gift:
            book(session, card, version, gift, operation, request, wallets=wallets)
        else:
            outbox.card_changed(session, card_id=card.id, version=card.version, wallets=wallets, now=now)

    once(session, request, card, welcome)
    return card.serial


def _card(
    session: Session,
    program: Program,
    program_id: int,
    entropy: Entropy,
    now: datetime,
    language: str | None,
    name: str | None,
    source: str | None,
) -> Card:
    called = one_line(name) if name else None
    member = Member(name=called, language=_spoken(program, language), source=source, created_at=now)
    _add(session, member)
    card = Card(
        serial=serial_number(entropy(ENTROPY_BYTES)),
        number=_unused_number(session, entropy),
        program_id=program_id,
        member_id=member.id,
        version=1,
        balance=0,
        status_points=0,
        endowed=0,
        gained=0,
        created_at=now,
        changed_at=now,
    )
    _add(session, card)
    _add(session, CardNumber(number=card.number, card_id=card.id, created_at=now))
    return card


def _spoken(program: Program, language: str | None) -> str:
    """What the member asked for, "en" for "en-GB", else the program's own."""
    asked = (language or "").replace("-", "_")
    known = (one for one in (asked, asked.partition("_")[0].lower()) if one in program.languages)
    return next(known, program.languages[0])


def _unused_number(session: Session, entropy: Entropy) -> str:
    """53 random bits meet by chance only at a hundred million cards; then the next one is taken."""
    while True:
        number = card_number(entropy(ENTROPY_BYTES))
        if session.scalar(select(CardNumber.number).where(CardNumber.number == number)) is None:
            return number


def _add(session: Session, row: Base) -> None:
    session.add(row)
    session.flush()
