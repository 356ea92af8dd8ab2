"""Somebody asked to be forgotten: the member's own words go, the ledger stays under the serial number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db import queries
from wallet_service.db.tables import Card, Member
from wallet_service.db.tables.cards import LEFT
from wallet_service.domain.errors import Conflict
from wallet_service.push import outbox


@dataclass(frozen=True)
class Erased:
    """The serial numbers of the member's cards, which are closed, and how many entries stay under them."""

    serials: tuple[str, ...]
    entries: int


def erase(session: Session, *, card: str, wallets: tuple[str, ...], now: datetime) -> Erased:
    """Invariant 20: no sum changes. The cards that were merged into this one were the same person's. A wallet
    hears of it even where the card was closed before, so that no phone goes on showing what is gone. What
    was agreed to stays under the number of the member: it names nobody, and somebody may have to show it.
    """
    cards = _locked(session, card)
    for row in cards:
        member = session.get_one(Member, row.member_id)
        member.name = member.source = member.reference = None
        member.phone = member.phone_tail = member.email = member.birthday = None
        row.status, row.version, row.changed_at = LEFT, row.version + 1, now
        outbox.card_changed(
            session, card_id=row.id, version=row.version, wallets=wallets, now=now, priority=outbox.MEMBER
        )
    return Erased(tuple(row.serial for row in cards), sum(row.seq for row in cards))


def look(session: Session, card: str) -> Card:
    """Which card is meant, before anybody is asked whether they are sure."""
    return queries.card(session, card)


def _locked(session: Session, card: str) -> Sequence[Card]:
    """In the order of their serials, as a merge and everybody else locks cards."""
    card_id = queries.card(session, card).id
    meant = set(_all_of(session, card_id))
    cards = [queries.card_for_update(session, serial) for serial in sorted(serial for _, serial in meant)]
    if meant != set(_all_of(session, card_id)):
        raise Conflict("Another card was merged into this one at this moment. Ask again.")
    return cards


def _all_of(session: Session, card_id: int) -> Iterable[tuple[int, str]]:
    """Id and serial: with those that were merged into it, and into those."""
    yield card_id, session.scalars(select(Card.serial).where(Card.id == card_id)).one()
    for merged in session.scalars(select(Card.id).where(Card.merged_into_id == card_id)).all():
        yield from _all_of(session, merged)
