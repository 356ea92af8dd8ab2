"""The program in force, as the core's value; validated once per version."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from wallet_service.actions import program_body
from wallet_service.db import queries
from wallet_service.db.tables import ProgramRow, ProgramVersion
from wallet_service.domain import wording
from wallet_service.domain.program import Program, Texts

_known: WeakKeyDictionary[Engine, dict[int, Program]] = WeakKeyDictionary()
"""By the version's id in its database: a version in use is never edited."""

_told: WeakKeyDictionary[Engine, dict[int, Texts]] = WeakKeyDictionary()


def current(session: Session, slug: str) -> tuple[Program, ProgramVersion]:
    row = queries.program_version(session, slug)
    return of_version(session, slug, row), row


def in_force(session: Session) -> list[Program]:
    """All of them, by slug."""
    rows = session.execute(
        select(ProgramRow.slug, ProgramVersion.id, ProgramVersion.number)
        .join(
            ProgramVersion,
            (ProgramVersion.program_id == ProgramRow.id) & (ProgramVersion.number == ProgramRow.version),
        )
        .order_by(ProgramRow.slug)
    )
    return [by_id(session, slug, version, number) for slug, version, number in rows]


def of_version(session: Session, slug: str, row: ProgramVersion) -> Program:
    return by_id(session, slug, row.id, row.number)


def by_id(session: Session, slug: str, version_id: int, number: int) -> Program:
    """Asks the database only for a version that this process has not seen."""
    known = _known.setdefault(session.get_bind().engine, {})
    if version_id not in known:
        body = session.scalar(select(ProgramVersion.body).where(ProgramVersion.id == version_id))
        if body is None:
            raise LookupError(f"program version {version_id} is not there")
        known[version_id] = program_body.program(slug, number, body)
    return known[version_id]


def public_rules(session: Session, version_id: int, program: Program) -> Texts:
    """Every card of a version says the same; they are put into words once."""
    known = _told.setdefault(session.get_bind().engine, {})
    if version_id not in known:
        known[version_id] = wording.rules(program)
    return known[version_id]


def of_entry(session: Session, version_id: int) -> Program:
    """The program as it was when an entry was booked."""
    known = _known.setdefault(session.get_bind().engine, {})
    if version_id in known:
        return known[version_id]
    slug, number = session.execute(
        select(ProgramRow.slug, ProgramVersion.number)
        .join(ProgramRow, ProgramRow.id == ProgramVersion.program_id)
        .where(ProgramVersion.id == version_id)
    ).one()
    return by_id(session, slug, version_id, number)
