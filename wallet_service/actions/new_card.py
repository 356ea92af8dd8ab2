"""A card that was not there before, with its member and its number; the ledger knows nothing of it yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.people import NOTHING, About, details
from wallet_service.db.tables import Card, CardNumber, Member
from wallet_service.db.tables.base import Base
from wallet_service.domain.identifiers import ENTROPY_BYTES, card_number, serial_number
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program

Entropy = Callable[[int], bytes]


@dataclass(frozen=True)
class Person:
    """What is known of somebody who takes a card. `source` is where they came from; `reference` the shop's
    own name of them; `number` a card number that they have already; `about` what they said of themselves.
    """

    name: str | None = None
    language: str | None = None
    source: str | None = None
    reference: str | None = None
    number: str | None = None
    about: About = NOTHING


def new_card(
    session: Session, program: Program, program_id: int, person: Person, entropy: Entropy, now: datetime
) -> str:
    """Answers the serial number."""
    (serial,) = new_cards(session, program, program_id, [(person, now)], entropy)
    return serial


def new_cards(
    session: Session,
    program: Program,
    program_id: int,
    people: Sequence[tuple[Person, datetime]],
    entropy: Entropy,
) -> list[str]:
    """The same for many at once, each with the moment of joining, in few statements. The serial numbers are
    the first that `entropy` is asked for.
    """
    serials = [serial_number(entropy(ENTROPY_BYTES)) for _ in people]
    members = [_member(program, person, at) for person, at in people]
    _add(session, members)
    drawn = unused_numbers(session, sum(not person.number for person, _ in people), entropy)
    cards = [
        Card(
            serial=serial,
            number=person.number or drawn.pop(),
            program_id=program_id,
            member_id=member.id,
            created_at=at,
            changed_at=at,
        )
        for serial, member, (person, at) in zip(serials, members, people, strict=True)
    ]
    _add(session, cards)
    _add(session, [CardNumber(number=one.number, card_id=one.id, created_at=one.created_at) for one in cards])
    return serials


def _member(program: Program, person: Person, at: datetime) -> Member:
    return Member(
        name=one_line(person.name) if person.name else None,
        language=_spoken(program, person.language),
        source=person.source,
        reference=person.reference,
        **asdict(details(person.about, program, at)),
        created_at=at,
    )


def _spoken(program: Program, language: str | None) -> str:
    """What the member asked for, "en" for "en-GB", else the program's own."""
    asked = (language or "").replace("-", "_")
    known = (one for one in (asked, asked.partition("_")[0].lower()) if one in program.languages)
    return next(known, program.languages[0])


def unused_numbers(session: Session, count: int, entropy: Entropy) -> set[str]:
    """53 random bits meet by chance only at a hundred million cards; then others are drawn."""
    unused: set[str] = set()
    while len(unused) < count:
        drawn = {card_number(entropy(ENTROPY_BYTES)) for _ in range(count - len(unused))}
        unused |= drawn.difference(
            session.scalars(select(CardNumber.number).where(CardNumber.number.in_(drawn)))
        )
    return unused


def _add(session: Session, rows: Sequence[Base]) -> None:
    session.add_all(rows)
    session.flush()
