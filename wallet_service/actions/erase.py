"""Somebody asked to be forgotten: what is about the person goes, the ledger stays under the serial number."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.actions.new_card import Entropy, unused_numbers
from wallet_service.db import queries
from wallet_service.db.tables import Card, CardNumber, DeviceLog, Erasure, Member, Registration
from wallet_service.db.tables.cards import LEFT
from wallet_service.domain.errors import Conflict
from wallet_service.push import outbox

VERB, SERVICE = "member-erased", "service"
RETENTION, RESTORED = "retention", "restored"
"""Reasons of our own; the others are what somebody typed."""
WORDS = ("name", "phone", "email", "birthday", "source", "reference")
NUMBERS, PHONES = "numbers", "phones"


@dataclass(frozen=True)
class Erased:
    """The serial numbers of the member's cards, which are closed, and how many entries stay under them."""

    serials: tuple[str, ...]
    entries: int


def erase(
    session: Session,
    *,
    card: str,
    wallets: tuple[str, ...],
    now: datetime,
    entropy: Entropy = secrets.token_bytes,
    actor: str = SERVICE,
    reason: str = "",
) -> Erased:
    """Once, however often. Told to the audit with the kinds of data that went, for the act that 152-FZ asks
    for. Invariant 20: no sum changes. Cards that were merged are the same person's, whichever is named. A
    wallet hears of it even where the card was closed before, so that no phone goes on showing what is gone;
    once they have heard, nothing is kept of the phones either (`apple/service/leaving.py`). The card's old
    numbers lead nowhere any more. What was agreed to stays under the number of the member: it names nobody,
    and somebody may have to show it.
    """
    cards = locked(session, card)
    for row in (row for row in cards if not is_erased(session, row.serial)):
        detail: dict[str, Any] = {"kinds": _known_of(session, row)}
        detail |= {"reason": reason} if reason else {}
        audit.write(session, actor, VERB, f"card:{row.serial}", detail, now)
        _forget_words(session.get_one(Member, row.member_id))
        _new_number(session, row, entropy, now)
        note_erasure(session, row.serial, now)
        session.execute(delete(DeviceLog).where(DeviceLog.serial == row.serial))
        row.status, row.version, row.changed_at = LEFT, row.version + 1, now
        outbox.card_changed(
            session, card_id=row.id, version=row.version, wallets=wallets, now=now, priority=outbox.MEMBER
        )
    return Erased(tuple(sorted(row.serial for row in cards)), sum(row.seq for row in cards))


def is_erased(session: Session, serial: str) -> bool:
    return bool(session.scalar(select(exists().where(Erasure.serial == serial))))


def of_one_person(session: Session, card: str) -> list[str]:
    """Serial numbers: of the card that this one is now, and of all that were merged into it."""
    return [serial for _, serial in _person(session, queries.card(session, card).id)]


def locked(session: Session, card: str) -> Sequence[Card]:
    """In the order of their ids, as a merge, a campaign and everybody else locks cards."""
    card_id = queries.card(session, card).id
    meant = set(_person(session, card_id))
    cards = [queries.card_for_update(session, serial) for _, serial in sorted(meant)]
    if meant != set(_person(session, card_id)):
        raise Conflict("This card was merged with another one at this moment. Ask again.")
    return cards


def _known_of(session: Session, row: Card) -> list[str]:
    """The kinds of data, and nothing of the data."""
    member = session.get_one(Member, row.member_id)
    has_phone = session.scalar(select(exists().where(Registration.card_id == row.id)))
    return [
        *(kind for kind in WORDS if getattr(member, kind) is not None),
        NUMBERS,
        *([PHONES] if has_phone else []),
    ]


def _forget_words(member: Member) -> None:
    member.name = member.source = member.reference = member.warned_at = None
    member.phone = member.phone_tail = member.email = member.birthday = None


def _new_number(session: Session, row: Card, entropy: Entropy, now: datetime) -> None:
    """A photograph of the code, or a number on a slip of paper, finds nobody's card."""
    (row.number,) = unused_numbers(session, 1, entropy)
    session.execute(delete(CardNumber).where(CardNumber.card_id == row.id))
    session.add(CardNumber(number=row.number, card_id=row.id, created_at=now))


def note_erasure(session: Session, entry: str, now: datetime) -> None:
    """Once, however often: what is restored from a backup forgets them again."""
    if not is_erased(session, entry):
        session.add(Erasure(serial=entry, at=now))


def _person(session: Session, card_id: int) -> Iterable[tuple[int, str]]:
    """Whichever of their cards is named: the one that was kept comes first."""
    into = session.scalar(select(Card.merged_into_id).where(Card.id == card_id))
    return _all_of(session, card_id) if into is None else _person(session, into)


def _all_of(session: Session, card_id: int) -> Iterable[tuple[int, str]]:
    """Id and serial: with those that were merged into it, and into those."""
    yield card_id, session.scalars(select(Card.serial).where(Card.id == card_id)).one()
    for merged in session.scalars(select(Card.id).where(Card.merged_into_id == card_id)).all():
        yield from _all_of(session, merged)
