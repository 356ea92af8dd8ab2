"""A new look or new rules on their way to all cards of a program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wallet_service.db.tables.base import Base, BigId, Id
from wallet_service.db.tables.programs import ProgramRow

RUNNING, PAUSED, HALTED, DONE, ROLLED_BACK = "running", "paused", "halted", "done", "rolled-back"
OPEN = (RUNNING, PAUSED, HALTED)


class Campaign(Base):
    """Raises the marks of a program's cards in steps, at a rate; at most one is open for a program.

    `steps` are percents such as [1, 10, 100]: a card is in a step when its id modulo 100 is below `percent`,
    the step that runs now since `step_at`; between two steps phones are watched for `watch_minutes`.
    `after_id` is how far this step has come, so that a crash repeats one slice at most. `total` cards are
    meant, `marked` of them are marked. `rate` is cards a second, 0: as fast as it goes; `quiet` is
    "22:00-08:00" in the program's time zone, None: never. Until all steps are done, cards outside of
    `percent` go on showing `look_before`, the template of before; None: the look did not change. `reason`
    says in a sentence why it stands still. `bound` is the highest card id that it means.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'paused', 'halted', 'done', 'rolled-back')", name="state"),
        Index(
            "uq_campaign_open",
            "program_id",
            unique=True,
            sqlite_where=text("state IN ('running', 'paused', 'halted')"),
            postgresql_where=text("state IN ('running', 'paused', 'halted')"),
        ),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(BigId, ForeignKey("program.id"), index=True)
    from_version: Mapped[int]
    to_version: Mapped[int]
    look_before: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default=RUNNING)
    reason: Mapped[str | None] = mapped_column(String(300))
    rate: Mapped[int] = mapped_column(default=0)
    quiet: Mapped[str | None] = mapped_column(String(16))
    steps: Mapped[list[int]] = mapped_column(JSON)
    percent: Mapped[int]
    step_at: Mapped[datetime]
    watch_minutes: Mapped[int] = mapped_column(default=0)
    after_id: Mapped[int] = mapped_column(default=0)
    bound: Mapped[int]
    total: Mapped[int]
    marked: Mapped[int] = mapped_column(default=0)
    complaints: Mapped[int] = mapped_column(default=0)
    marked_at: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    program: Mapped[ProgramRow] = relationship()
