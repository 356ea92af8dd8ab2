"""A manager added a store, or said which cards and which receipts count there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.db.tables import FiscalDrive, ProgramRow, Store
from wallet_service.domain.errors import UnknownProgram
from wallet_service.domain.people_errors import (
    BadDrive,
    BadName,
    BadStoreName,
    DriveTaken,
    NameTaken,
    UnknownStore,
)
from wallet_service.domain.plain import one_line

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
DRIVE = re.compile(r"[0-9]{16}")
LONGEST_NAME = 64
MOST_DRIVES = 200


def add_store(session: Session, *, slug: str, name: str, actor: str, now: datetime) -> Store:
    """`slug` stands in every entry of the ledger: it never changes."""
    if not SLUG.fullmatch(slug):
        raise BadStoreName("A store's short name has small letters, digits and dashes, such as north-2.")
    if session.scalar(select(Store.id).where(Store.slug == slug)) is not None:
        raise NameTaken(f"There is a store {slug} already. Choose another short name.", name=slug)
    store = Store(slug=slug, name=_name(name), created_at=now)
    session.add(store)
    session.flush()
    audit.write(session, actor, "store-added", f"store:{store.id}", {"slug": slug}, now)
    return store


def change_store(
    session: Session,
    *,
    store: int,
    name: str,
    programs: Sequence[str],
    drives: str,
    actor: str,
    now: datetime,
) -> None:
    """No program: all of them count. `drives` are numbers of fiscal storages, one a line."""
    row = find(session, store)
    row.name, row.programs = _name(name), _programs(session, programs)
    numbers = _numbers(drives)
    _keep_drives(session, row, numbers, now)
    detail = {"programs": row.programs, "drives": len(numbers)}
    audit.write(session, actor, "store-changed", f"store:{store}", detail, now)


def find(session: Session, store: int) -> Store:
    row = session.get(Store, store)
    if row is None:
        raise UnknownStore("There is no such store. Open the page again.")
    return row


def drives_of(session: Session, store: int) -> tuple[str, ...]:
    found = select(FiscalDrive.number).where(FiscalDrive.store_id == store).order_by(FiscalDrive.number)
    return tuple(session.scalars(found))


def _name(text: str) -> str:
    if not (shown := one_line(text, LONGEST_NAME)):
        raise BadName("Give the store a name that people know it by.")
    return shown


def _programs(session: Session, slugs: Sequence[str]) -> list[str] | None:
    known = set(session.scalars(select(ProgramRow.slug)))
    if strange := [slug for slug in slugs if slug not in known]:
        raise UnknownProgram(f"There is no program {strange[0][:64]}. Open the page again.")
    return sorted(set(slugs)) or None


def _numbers(text: str) -> tuple[str, ...]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_DRIVES:
        raise BadDrive(f"A store has at most {MOST_DRIVES} fiscal storages.")
    for line in lines:
        if not DRIVE.fullmatch(line):
            raise BadDrive(f"{line[:40]!r} is no fiscal storage: its number has 16 digits.", line=line[:40])
    return tuple(sorted(set(lines)))


def _keep_drives(session: Session, store: Store, numbers: Sequence[str], now: datetime) -> None:
    elsewhere = select(FiscalDrive.number).where(
        FiscalDrive.number.in_(numbers), FiscalDrive.store_id != store.id
    )
    if (taken := session.scalar(elsewhere)) is not None:
        raise DriveTaken(f"The fiscal storage {taken} belongs to another store already.", number=taken)
    session.execute(
        delete(FiscalDrive).where(FiscalDrive.store_id == store.id, FiscalDrive.number.not_in(numbers))
    )
    for number in set(numbers) - set(drives_of(session, store.id)):
        session.add(FiscalDrive(number=number, store_id=store.id, created_at=now))
