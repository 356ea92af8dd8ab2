"""A card that was not there before, with its member and its number; the ledger knows nothing of it yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import Card, CardNumber, Member
from wallet_service.db.tables.base import Base
from wallet_service.domain.identifiers import ENTROPY_BYTES, card_number, serial_number
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program

Entropy = Callable[[int], bytes]


@dataclass(frozen=True)
class Person:
    """What is known of somebody who takes a card. `source` is where they came from; `reference` the shop's
    own name of them; `number` a card number that they have already.
    """

    name: str | None = None
    language: str | None = None
    source: str | None = None
    reference: str | None = None
    number: str | None = None


def new_card(
    session: Session, program: Program, program_id: int, person: Person, entropy: Entropy, now: datetime
) -> str:
    """Answers the serial number."""
    member = Member(
        name=one_line(person.name) if person.name else None,
        language=_spoken(program, person.language),
        source=person.source,
        reference=person.reference,
        created_at=now,
    )
    _add(session, member)
    card = Card(
        serial=serial_number(entropy(ENTROPY_BYTES)),
        number=person.number or _unused_number(session, entropy),
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
