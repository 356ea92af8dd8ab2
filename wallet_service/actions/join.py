"""A member takes a card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import Actor, Request, book, once, project
from wallet_service.actions.entries import Entry
from wallet_service.db.tables import Card, CardNumber, Member
from wallet_service.db.tables.base import Base
from wallet_service.domain import ledger
from wallet_service.domain.identifiers import ENTROPY_BYTES, card_number, serial_number
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program
from wallet_service.domain.rules import evaluate_join

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
    serial = _card(session, value, version.program_id, entropy, now, language, name, source)
    account = accounts.take(session, serial)
    who = actor or Actor("member", till="join page")
    request = Request("join", key or serial, {"card": serial}, who, now, wallets)
    gift = ledger.joined(value, evaluate_join(value, now), now)

    def welcome(operation: int) -> Sequence[Entry]:
        if gift:
            return book(session, account, gift, operation, request)
        project(session, account, request)
        return ()

    once(session, request, account, welcome)
    return serial


def _card(
    session: Session,
    program: Program,
    program_id: int,
    entropy: Entropy,
    now: datetime,
    language: str | None,
    name: str | None,
    source: str | None,
) -> str:
    called = one_line(name) if name else None
    member = Member(name=called, language=_spoken(program, language), source=source, created_at=now)
    _add(session, member)
    card = Card(
        serial=serial_number(entropy(ENTROPY_BYTES)),
        number=_unused_number(session, entropy),
        program_id=program_id,
        member_id=member.id,
        created_at=now,
        changed_at=now,
    )
    _add(session, card)
    _add(session, CardNumber(number=card.number, card_id=card.id, created_at=now))
    return card.serial


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
