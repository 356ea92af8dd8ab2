"""Whose members sleep: no phone is woken for what goes to all cards, though it was marked in the evening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.db.id_list import among
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Campaign, Card
from wallet_service.db.tables.campaigns import ROLLED_BACK
from wallet_service.domain import rollout
from wallet_service.push.outbox import CAMPAIGN
from wallet_service.push.wallet import Note


class Asleep:
    """A phone's pace, an outage and a retry bring marks into the quiet hours of the newest campaign."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def __call__(self, notes: Sequence[Note], now: datetime) -> Mapping[int, datetime]:
        """Until when, by card. Whatever happened at a till wakes its phone."""
        cards = [note.card_id for note in notes if note.priority == CAMPAIGN]
        if not cards:
            return {}
        with self._sessions.read() as session:
            night = nights(session, now)
            return _sleeping(session, cards, night) if night else {}


def nights(session: Session, now: datetime) -> Mapping[int, datetime]:
    """Until when, by program. Looked up each time: what is rolled back at night goes back at night."""
    newest = select(func.max(Campaign.id)).group_by(Campaign.program_id)
    quiet = select(Campaign).where(Campaign.id.in_(newest), Campaign.quiet.is_not(None))
    ends: dict[int, datetime] = {}
    for row in session.scalars(quiet.where(Campaign.state != ROLLED_BACK)):
        program, _ = programs.current(session, row.program.slug)
        if row.quiet and rollout.is_quiet(row.quiet, now, program.time_zone):
            ends[row.program_id] = rollout.quiet_until(row.quiet, now, program.time_zone)
    return ends


def _sleeping(session: Session, cards: Sequence[int], ends: Mapping[int, datetime]) -> Mapping[int, datetime]:
    card = Card.__table__.c
    rows = session.execute(
        select(Card.id, Card.program_id).where(among(session, card.id, cards), Card.program_id.in_(ends))
    )
    return {card_id: ends[program] for card_id, program in rows}
