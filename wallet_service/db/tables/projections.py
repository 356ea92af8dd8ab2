"""What is folded out of the ledger so that nobody has to read all of it; it can always be made again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from wallet_service.db.tables.base import Base, BigId


class OpenLot(Base):
    """A credit of which something is left; `seq` is its entry's. Gone when nothing is left.

    `expires_at` None: never, or, when it `slides`, with the card's `idle_until`. A `gift` can be spent once
    the card has a paid receipt.
    """

    __tablename__ = "open_lot"
    __table_args__ = (
        CheckConstraint("points_left > 0", name="left"),
        Index(
            "ix_open_lot_expiry",
            "card_id",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points_left: Mapped[int]
    available_from: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    slides: Mapped[bool] = mapped_column(default=False)
    gift: Mapped[bool] = mapped_column(default=False)


class Tally(Base):
    """A running count of a card: its status points by month (`name` "status"), the uses of a limited rule
    (`name` "rule:<id>") by the period of the limit.
    """

    __tablename__ = "tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount: Mapped[int]


class RewardCount(Base):
    """How many of a reward were given and not taken back: what is gone of its stock."""

    __tablename__ = "reward_count"
    __table_args__ = (CheckConstraint("given >= 0", name="given"), {"sqlite_with_rowid": False})

    program_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("program.id"), primary_key=True, autoincrement=False
    )
    reward: Mapped[str] = mapped_column(String(64), primary_key=True)
    given: Mapped[int]
