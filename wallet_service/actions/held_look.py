"""Which template a card shows while a new look is on its way to all of them."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from wallet_service.db.ready import Ready
from wallet_service.db.tables import Campaign, ProgramRow
from wallet_service.db.tables.base import table
from wallet_service.db.tables.campaigns import OPEN
from wallet_service.domain.rollout import ALL

campaign_table, program_table = table(Campaign), table(ProgramRow)
IS_HELD = and_(
    or_(*(campaign_table.c.state == state for state in OPEN)),
    campaign_table.c.look_before.is_not(None),
    campaign_table.c.percent < ALL,
)
HELD = Ready(
    select(campaign_table.c.look_before, campaign_table.c.percent, campaign_table.c.bound).where(
        campaign_table.c.program_id == bindparam("program", type_=campaign_table.c.program_id.type), IS_HELD
    )
)
HELD_CLASS = (
    select(campaign_table.c.look_before)
    .join(program_table, program_table.c.id == campaign_table.c.program_id)
    .where(program_table.c.slug == bindparam("slug"), IS_HELD)
)


def of_card(session: Session, *, program_id: int, card_id: int, template: str) -> str:
    """The program's template, or the one of before where its turn has not come. Asked in the same look as the
    card: a phone that is told of the new one must be given it.
    """
    held = HELD.row(session.connection(), {"program": program_id})
    if held is None or its_turn_has_come(card_id, held.percent, held.bound):
        return template
    return str(held.look_before)


def of_everybody(session: Session, program: str, template: str) -> str:
    """What all cards share gets the new one when the turn of all has come."""
    return session.scalar(HELD_CLASS, {"slug": program}) or template


def its_turn_has_come(card_id: int, percent: int, bound: int) -> bool:
    """A card that was made since shows the new look from its first day."""
    return card_id > bound or card_id % ALL < percent
