"""The journal and the members as rows of a table, for a spreadsheet or another system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.links import Links
from wallet_service.db import queries
from wallet_service.db.long_look import long_look
from wallet_service.db.tables import Card, Consent, LedgerEntry, Member, ProgramRow
from wallet_service.domain import chain
from wallet_service.domain.csv_cells import Cell, safe

PAGE = 1_000
JOURNAL = (
    "card",
    "seq",
    "kind",
    "points",
    "balance_after",
    "total",
    "currency",
    "receipt",
    "reward",
    "store",
    "till",
    "actor",
    "approved_by",
    "note",
    "flags",
    "occurred_at",
    "recorded_at",
    "program",
    "hash",
)
MEMBERS = (
    "reference",
    "name",
    "language",
    "number",
    "serial",
    "balance",
    "status",
    "joined_at",
    "phone",
    "email",
    "birthday",
    "consents",
)

Cells = tuple[Cell, ...]


def journal(session: Session, program: str | None = None) -> Iterator[Cells]:
    """The names of the columns, then a row for each entry in the order of booking; money in minor units. All
    of one moment. UnknownProgram when there is none.
    """
    query = _of(select(LedgerEntry, Card.serial).join(Card, Card.id == LedgerEntry.card_id), session, program)
    yield JOURNAL
    for entry, serial in _pages(session, query, LedgerEntry.id):
        yield tuple(map(safe, _line(session, entry, serial)))


def of_cards(session: Session, card_ids: Sequence[int]) -> Iterator[Cells]:
    """The same of these cards alone, as values."""
    yield JOURNAL
    rows = session.execute(
        select(LedgerEntry, Card.serial)
        .join(Card, Card.id == LedgerEntry.card_id)
        .where(LedgerEntry.card_id.in_(card_ids))
        .order_by(LedgerEntry.id)
    )
    for entry, serial in rows:
        yield _line(session, entry, serial)


def members(session: Session, program: str | None = None, links: Links | None = None) -> Iterator[Cells]:
    """The same for members: one row for each card, in the order of joining; with `links` also the address of
    its page, which is as good as the card itself.
    """
    query = _of(select(Card, Member).join(Member, Member.id == Card.member_id), session, program)
    yield MEMBERS if links is None else (*MEMBERS, "page")
    for card, member in _pages(session, query, Card.id):
        page = () if links is None else (links.page(card.serial),)
        yield tuple(map(safe, (*_member(card, member), _agreed(session, member), *page)))


def _of(query: Any, session: Session, program: str | None) -> Any:
    if program is None:
        return query
    queries.program_version(session, program)
    return query.join(ProgramRow, ProgramRow.id == Card.program_id).where(ProgramRow.slug == program)


def _pages(session: Session, query: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Page by page, so that memory stays flat."""
    long_look(session)
    after = 0
    while rows := session.execute(query.where(key > after).order_by(key).limit(PAGE)).all():
        yield from ((row[0], row[1]) for row in rows)
        after = rows[-1][0].id
        session.expunge_all()


def _line(session: Session, entry: LedgerEntry, serial: str) -> Cells:
    program = programs.of_entry(session, entry.program_version_id)
    return (
        serial,
        entry.seq,
        entry.kind,
        entry.points,
        entry.balance_after,
        entry.total,
        None if entry.total is None else program.currency,
        entry.receipt,
        entry.reward,
        entry.store,
        entry.till,
        entry.actor,
        entry.approved_by,
        entry.note,
        entry.flags,
        chain.moment(entry.occurred_at),
        chain.moment(entry.recorded_at),
        f"{program.slug}@{program.version}",
        entry.hash,
    )


def _member(card: Card, member: Member) -> Cells:
    return (
        member.reference,
        member.name,
        member.language,
        card.number,
        card.serial,
        card.balance,
        card.status,
        chain.moment(card.created_at),
        member.phone,
        member.email,
        member.birthday,
    )


def _agreed(session: Session, member: Member) -> str | None:
    """The latest word of each purpose and channel: "news/sms: yes; profile: no"."""
    said = session.scalars(select(Consent).where(Consent.member_id == member.id).order_by(Consent.id))
    latest = {f"{one.purpose}/{one.channel}".rstrip("/"): one.given for one in said}
    return "; ".join(f"{name}: {'yes' if given else 'no'}" for name, given in latest.items()) or None
