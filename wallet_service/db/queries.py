"""The looks into the tables that more than one action takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from wallet_service.db.tables import Card, CardNumber, LedgerEntry, ProgramRow, ProgramVersion
from wallet_service.domain.errors import CardReplaced, UnknownCard, UnknownEntry, UnknownProgram
from wallet_service.domain.identifiers import parse_card_number

SERIAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IN_FORCE = (  # asked for every card: put together once
    select(ProgramVersion)
    .join(ProgramRow, ProgramRow.id == ProgramVersion.program_id)
    .where(ProgramRow.slug == bindparam("slug"), ProgramRow.version == ProgramVersion.number)
)


def program_version(session: Session, slug: str) -> ProgramVersion:
    """The version in force."""
    known = slug.isprintable()  # PostgreSQL takes no NUL
    version = session.scalar(IN_FORCE, {"slug": slug}) if known else None
    if version is None:
        raise UnknownProgram("There is no such program. Look at the address again.", program=slug[:64])
    return version


def card(session: Session, reference: str, *, retired: bool = False) -> Card:
    """By serial number, or by the 19 digits of any number that still opens the card; with `retired`, of any
    number that it ever had.
    """
    return _card(session, reference, lock=False, retired=retired)


def card_for_update(session: Session, reference: str) -> Card:
    """The same, locked until the transaction ends (lock order: card, ledger, outbox). Not its key: a worker
    that holds the mark and writes a row that names the card must not wait for it, or both wait for ever.
    """
    return _card(session, reference, lock=True)


def no_card(session: Session, reference: str) -> UnknownCard | CardReplaced:
    """Why this one finds none."""
    number = None if SERIAL.fullmatch(reference) else parse_card_number(reference)
    if number is not None and session.get(CardNumber, number) is not None:
        return CardReplaced("This code was replaced. Ask for the card to be opened again for its new one.")
    return UnknownCard("This card is not known here. Check that it is a card of this program.")


def _card(session: Session, reference: str, *, lock: bool, retired: bool = False) -> Card:
    if SERIAL.fullmatch(reference):
        wanted = Card.serial == reference
    else:
        numbers = select(CardNumber.card_id).where(CardNumber.number == parse_card_number(reference))
        wanted = Card.id.in_(numbers if retired else numbers.where(CardNumber.retired_at.is_(None)))
    query = select(Card).where(wanted)
    if lock:  # what this transaction read before may have changed while it waited
        query = query.with_for_update(of=Card, key_share=True).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise no_card(session, reference)
    return found


def entry(session: Session, entry_id: int) -> LedgerEntry:
    found = session.get(LedgerEntry, entry_id)
    if found is None:
        raise UnknownEntry("There is no such entry.", entry=entry_id)
    return found


def entries_of(session: Session, operation_id: int) -> Sequence[LedgerEntry]:
    """In the order they were booked."""
    return session.scalars(
        select(LedgerEntry).where(LedgerEntry.operation_id == operation_id).order_by(LedgerEntry.id)
    ).all()


def last_entries(
    session: Session, card_id: int, most: int, before: int | None = None
) -> Sequence[LedgerEntry]:
    """Newest first; `before` is the `seq` of the last one seen."""
    wanted = select(LedgerEntry).where(LedgerEntry.card_id == card_id)
    if before is not None:
        wanted = wanted.where(LedgerEntry.seq < before)
    return session.scalars(wanted.order_by(LedgerEntry.seq.desc()).limit(most)).all()


def taken_back(session: Session, row: LedgerEntry) -> bool:
    """Whether all of it was; a refund of a part leaves the rest as it is."""
    parts = session.scalars(select(LedgerEntry).where(LedgerEntry.reverses_id == row.id)).all()
    whole = row.total is None or any(part.total is None or part.kind == "reverse" for part in parts)
    return bool(parts) and (whole or -sum(part.total or 0 for part in parts) >= (row.total or 0))


def reversed_ids(session: Session, entry_ids: Sequence[int]) -> set[int]:
    """Which of these were taken back."""
    found = session.scalars(select(LedgerEntry.reverses_id).where(LedgerEntry.reverses_id.in_(entry_ids)))
    return {entry_id for entry_id in found if entry_id is not None}
