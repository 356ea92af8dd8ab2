"""Pictures for machines other than the one that drew them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_service.db.tables.base import Base


class Picture(Base):
    """What Google was given the address of. Never taken away: it may be asked for years later."""

    __tablename__ = "picture"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
