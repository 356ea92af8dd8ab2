"""Programs and their versions; a version in use is never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wallet_service.db.tables.base import Base, BigId, Id, Slug


class ProgramRow(Base):
    __tablename__ = "program"

    id: Mapped[Id]
    slug: Mapped[Slug] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=0)  # the number of the version in force
    created_at: Mapped[datetime]


class ProgramVersion(Base):
    """`body` is the JSON that `actions/program_body` validates."""

    __tablename__ = "program_version"
    __table_args__ = (UniqueConstraint("program_id", "number"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(BigId, ForeignKey("program.id"))
    number: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]
