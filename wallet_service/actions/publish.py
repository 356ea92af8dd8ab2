"""A manager put a new version of a program in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import program_body
from wallet_service.db.tables import ProgramRow, ProgramVersion
from wallet_service.domain.errors import Invalid


def publish(session: Session, *, slug: str, body: Mapping[str, Any], now: datetime) -> int:
    """Answers the version's number; the same body again is the version that is there already."""
    require_slug(slug)
    kept = program_body.to_keep(body)
    row = session.scalar(select(ProgramRow).where(ProgramRow.slug == slug).with_for_update(key_share=True))
    if row is None:
        row = ProgramRow(slug=slug, version=0, created_at=now)
        session.add(row)
        session.flush()
    elif _body(session, row) == kept:
        return row.version
    row.version += 1
    session.add(ProgramVersion(program_id=row.id, number=row.version, body=kept, published_at=now))
    session.flush()
    return row.version


def require_slug(slug: str) -> None:
    """It stands in addresses and file names."""
    if not re.fullmatch(program_body.SLUG, slug):
        raise Invalid("A program's slug has small letters, digits and hyphens, 64 at most, such as coffee.")


def _body(session: Session, row: ProgramRow) -> Mapping[str, Any] | None:
    return session.scalar(
        select(ProgramVersion.body).where(
            ProgramVersion.program_id == row.id, ProgramVersion.number == row.version
        )
    )
