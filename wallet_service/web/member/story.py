"""The last entries of a card for its member: what each was worth, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from wallet_service.actions import statement
from wallet_service.actions.entries import Entry
from wallet_service.domain import wording
from wallet_service.domain.program import Program, Texts
from wallet_service.web.reasons import Reasons, reasons

MOST = 10
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Told:
    """`late`: booked some time after it happened, by a till that was offline."""

    occurred_at: datetime
    text: Texts
    reasons: Reasons
    late: bool


def story(session: Session, card: str) -> tuple[Told, ...]:
    """Newest first."""
    page = statement.page(session, card=card, most=MOST)
    return tuple(_told(entry, program) for entry, program in page.entries)


def _told(entry: Entry, program: Program) -> Told:
    reward = program.reward(entry.reward) if entry.reward else None
    return Told(
        entry.occurred_at,
        wording.history_line(program, entry.kind, entry.points, reward, money=entry.money),
        reasons(program, entry.steps),
        late=entry.recorded_at - entry.occurred_at > LATE,
    )
