"""The program in force, as the core's value; validated once per version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from wallet_service.actions import program_body
from wallet_service.db import queries
from wallet_service.db.tables import ProgramVersion
from wallet_service.domain.program import Program


def current(session: Session, slug: str) -> tuple[Program, ProgramVersion]:
    row = queries.program_version(session, slug)
    return of_version(slug, row), row


def of_version(slug: str, row: ProgramVersion) -> Program:
    return _cached(slug, row.number, row.id, _Body(row.body))


class _Body:
    """Lets the cache go by the version's id: a version in use is never edited."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Body) and self.body == other.body

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _cached(slug: str, number: int, _id: int, body: _Body) -> Program:
    return program_body.program(slug, number, body.body)
